package org.dfp4j.examples.data;

import java.util.Random;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.Task;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Batches of normally distributed noise with labels at random, for every kind of network in the
 * zoo. A batch is a function of the seed and its number, on every machine.
 */
public final class NoiseBatches {

  private static final int STEPS = 5;

  /** Pixels of a cell of the grid in which networks that detect objects answer. */
  private static final int CELL = 32;

  /** Left, top, right and bottom. */
  private static final int CORNERS = 4;

  private final Task task;
  private final int channels;
  private final int size;
  private final int images;
  private final int classes;
  private final long seed;
  private final long[] labelShape;

  /**
   * Batches for a network.
   *
   * @param task of the network
   * @param channels of an image
   * @param size height and width of an image; for text the number of characters
   * @param images in a batch
   * @param classes of objects, where the network detects them
   * @param network whose output's shape the labels get
   */
  public NoiseBatches(
      Task task, int channels, int size, int images, int classes, long seed, Network network) {
    this.task = task;
    this.channels = channels;
    this.size = size;
    this.images = images;
    this.classes = classes;
    this.seed = seed;
    this.labelShape =
        task == Task.CLASSIFICATION || task == Task.SEGMENTATION
            ? output(network, Nd4j.zeros(DataType.FLOAT, images, channels, size, size)).shape()
            : new long[0];
  }

  private static INDArray output(Network network, INDArray features) {
    return network.model() instanceof ComputationGraph graph
        ? graph.outputSingle(features)
        : ((MultiLayerNetwork) network.model()).output(features);
  }

  /** The batch of this number. */
  public DataSet batch(int number) {
    Random random = new Random(Orders.mix(seed, number));
    return switch (task) {
      case CLASSIFICATION -> new DataSet(noise(random), classes(random));
      case SEGMENTATION -> new DataSet(noise(random), mask(random));
      case DETECTION -> new DataSet(noise(random), boxes(random));
      case TEXT -> text(random);
    };
  }

  private INDArray noise(Random random) {
    float[] pixels = new float[images * channels * size * size];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (float) random.nextGaussian();
    }
    return Nd4j.create(pixels, new long[] {images, channels, size, size}, 'c');
  }

  private INDArray classes(Random random) {
    INDArray labels = Nd4j.zeros(DataType.FLOAT, labelShape);
    int each = Math.toIntExact(labels.length() / images);
    for (int n = 0; n < images; n++) {
      labels.putScalar((long) n * each + random.nextInt(each), 1);
    }
    return labels;
  }

  private INDArray mask(Random random) {
    INDArray labels = Nd4j.zeros(DataType.FLOAT, labelShape);
    for (long i = 0; i < labels.length(); i++) {
      labels.putScalar(i, random.nextInt(2));
    }
    return labels;
  }

  /** One box an image, in units of cells, and its class in the cell of the box's center. */
  private INDArray boxes(Random random) {
    int cells = size / CELL;
    INDArray labels = Nd4j.zeros(DataType.FLOAT, images, CORNERS + classes, cells, cells);
    for (int n = 0; n < images; n++) {
      int row = random.nextInt(cells);
      int column = random.nextInt(cells);
      double[] corners = {column + 0.2, row + 0.1, column + 0.8, row + 0.9};
      for (int i = 0; i < CORNERS; i++) {
        labels.putScalar(n, i, row, column, corners[i]);
      }
      labels.putScalar(n, CORNERS + random.nextInt(classes), row, column, 1);
    }
    return labels;
  }

  private DataSet text(Random random) {
    INDArray text = Nd4j.zeros(DataType.FLOAT, images, size, STEPS);
    for (int n = 0; n < images; n++) {
      for (int step = 0; step < STEPS; step++) {
        text.putScalar(n, random.nextInt(size), step, 1);
      }
    }
    return new DataSet(text, text.dup());
  }
}
