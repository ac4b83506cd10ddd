package org.dfp4j.examples.data;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.Shape;
import java.awt.geom.AffineTransform;
import java.awt.geom.Area;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Path2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferByte;
import java.util.List;
import java.util.SplittableRandom;
import org.dfp4j.examples.models.Task;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Drawn images: one shape of random position, size, turn and colour on a random background.
 *
 * <p>The class is the shape, ten in all. An image is a function of the seed, the part and its
 * number; none is stored.
 */
public final class Shapes implements ImageData {

  private static final int TRAIN = 8192;
  private static final int HELD_OUT = 2048;
  private static final List<String> LABELS =
      List.of(
          "disc", "ring", "square", "frame", "triangle", "cross", "star", "bar", "moon", "stripes");

  private final Task task;
  private final int channels;
  private final int size;
  private final long seed;

  /**
   * Images of one kind.
   *
   * @param task classification, or segmentation, where the label is the shape's mask
   * @param channels 1 or 3
   * @param size height and width in pixels
   */
  public Shapes(Task task, int channels, int size, long seed) {
    if (task != Task.CLASSIFICATION && task != Task.SEGMENTATION) {
      throw new IllegalArgumentException(
          "task: expected CLASSIFICATION or SEGMENTATION, got " + task);
    }
    if (channels != 1 && channels != 3) {
      throw new IllegalArgumentException("channels: expected 1 or 3, got " + channels);
    }
    this.task = task;
    this.channels = channels;
    this.size = size;
    this.seed = seed;
  }

  @Override
  public String description() {
    return "synthetic, %d + %d drawn shapes".formatted(TRAIN, HELD_OUT);
  }

  @Override
  public List<String> labels() {
    return LABELS;
  }

  @Override
  public int size(Part part) {
    return part == Part.TRAIN ? TRAIN : HELD_OUT;
  }

  @Override
  public DataSetIterator read(Part part, int[] images, int batch) {
    return new ArrayIterator(images, batch, LABELS, numbers -> draw(part, numbers));
  }

  private DataSet draw(Part part, int[] numbers) {
    int pixels = channels * size * size;
    float[] features = new float[numbers.length * pixels];
    float[] masks = new float[task == Task.SEGMENTATION ? numbers.length * size * size : 0];
    INDArray classes = Nd4j.create(DataType.FLOAT, numbers.length, LABELS.size());
    long partSeed = Orders.mix(seed, part == Part.TRAIN ? 0 : 1);
    for (int i = 0; i < numbers.length; i++) {
      int label = numbers[i] % LABELS.size();
      Drawing drawing = draw(label, new SplittableRandom(Orders.mix(partSeed, numbers[i])));
      copy(drawing.image, features, i * pixels);
      if (task == Task.SEGMENTATION) {
        mask(drawing.shape, masks, i * size * size);
      }
      classes.putScalar(i, label, 1);
    }
    INDArray labels =
        task == Task.SEGMENTATION
            ? Nd4j.create(masks, new long[] {numbers.length, 1, size, size}, 'c')
            : classes;
    return new DataSet(
        Nd4j.create(features, new long[] {numbers.length, channels, size, size}, 'c'), labels);
  }

  /** An image, and the shape that is on it. */
  private record Drawing(BufferedImage image, Shape shape) {}

  /** 1 where the middle of a pixel is inside the shape. */
  private void mask(Shape shape, float[] masks, int from) {
    for (int y = 0; y < size; y++) {
      for (int x = 0; x < size; x++) {
        masks[from + y * size + x] = shape.contains(x + 0.5, y + 0.5) ? 1 : 0;
      }
    }
  }

  private void copy(BufferedImage image, float[] features, int from) {
    byte[] bytes = ((DataBufferByte) image.getRaster().getDataBuffer()).getData();
    int area = size * size;
    for (int i = 0; i < area; i++) {
      for (int c = 0; c < channels; c++) {
        features[from + c * area + i] = bytes[i * channels + c] & 0xFF;
      }
    }
  }

  private Drawing draw(int label, SplittableRandom random) {
    int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(size, size, type);
    Graphics2D graphics = image.createGraphics();
    graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    boolean light = random.nextBoolean();
    graphics.setColor(color(random, light ? 0.6f : 0));
    graphics.fillRect(0, 0, size, size);
    double scale = size * (0.3 + 0.2 * random.nextDouble());
    double room = size / 2.0 - scale * 0.8;
    graphics.setColor(color(random, light ? 0 : 0.6f));
    AffineTransform place =
        AffineTransform.getTranslateInstance(
            size / 2.0 + room * (2 * random.nextDouble() - 1),
            size / 2.0 + room * (2 * random.nextDouble() - 1));
    place.rotate(0.5 * (random.nextDouble() - 0.5));
    place.scale(scale, scale);
    Shape shape = place.createTransformedShape(outline(label));
    graphics.fill(shape);
    graphics.dispose();
    return new Drawing(image, shape);
  }

  private static Color color(SplittableRandom random, float darkest) {
    float[] rgb = new float[3];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = darkest + 0.4f * (float) random.nextDouble();
    }
    return new Color(rgb[0], rgb[1], rgb[2]);
  }

  /** The shape of a class around the origin, within -1..1. */
  private static Shape outline(int label) {
    return switch (LABELS.get(label)) {
      case "disc" -> disc(0, 0.9);
      case "ring" -> without(disc(0, 0.95), disc(0, 0.55));
      case "square" -> box(-0.8, -0.8, 1.6, 1.6);
      case "frame" -> without(box(-0.85, -0.85, 1.7, 1.7), box(-0.5, -0.5, 1, 1));
      case "triangle" -> star(3, 1, 0.5);
      case "cross" -> with(box(-0.9, -0.25, 1.8, 0.5), box(-0.25, -0.9, 0.5, 1.8));
      case "star" -> star(5, 1, 0.38);
      case "bar" -> box(-1, -0.3, 2, 0.6);
      case "moon" -> without(disc(0, 0.95), disc(0.55, 0.75));
      case "stripes" ->
          with(
              box(-0.85, -0.85, 1.7, 0.35),
              with(box(-0.85, -0.175, 1.7, 0.35), box(-0.85, 0.5, 1.7, 0.35)));
      default -> throw new IllegalArgumentException("label: expected 0 to 9, got " + label);
    };
  }

  private static Area disc(double x, double radius) {
    return new Area(new Ellipse2D.Double(x - radius, -radius, 2 * radius, 2 * radius));
  }

  private static Area box(double x, double y, double width, double height) {
    return new Area(new Rectangle2D.Double(x, y, width, height));
  }

  private static Area with(Area a, Area b) {
    a.add(b);
    return a;
  }

  private static Area without(Area a, Area b) {
    a.subtract(b);
    return a;
  }

  private static Shape star(int points, double outer, double inner) {
    Path2D path = new Path2D.Double();
    for (int i = 0; i < 2 * points; i++) {
      double radius = i % 2 == 0 ? outer : inner;
      double angle = Math.PI * i / points - Math.PI / 2;
      double x = radius * Math.cos(angle);
      double y = radius * Math.sin(angle);
      if (i == 0) {
        path.moveTo(x, y);
      } else {
        path.lineTo(x, y);
      }
    }
    path.closePath();
    return path;
  }
}
