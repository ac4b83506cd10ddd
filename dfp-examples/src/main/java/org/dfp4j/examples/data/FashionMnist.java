package org.dfp4j.examples.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.datavec.image.loader.NativeImageLoader;
import org.deeplearning4j.datasets.mnist.MnistImageFile;
import org.deeplearning4j.datasets.mnist.MnistLabelFile;
import org.dfp4j.examples.UsageException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Fashion-MNIST: 60 000 and 10 000 grey images of clothes, 28×28, in ten classes.
 *
 * <p>Images are enlarged bilinearly to the size the model wants, and grey goes into each of its
 * channels.
 */
public final class FashionMnist implements ImageData {

  private static final List<String> LABELS =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  private final Path folder;
  private final int channels;
  private final int size;
  private final Images train;
  private final Images heldOut;

  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  private record Images(byte[][] pixels, int[] labels, int rows, int columns) {}

  /**
   * Reads the four {@code .gz} files of a folder.
   *
   * @param folder as {@link FashionMnistFiles#locate} gives it
   * @param channels of the images wanted: 1 or 3
   * @param size height and width wanted
   */
  public FashionMnist(Path folder, int channels, int size) {
    this.folder = folder;
    this.channels = channels;
    this.size = size;
    this.train = load("train");
    this.heldOut = load("t10k");
  }

  @Override
  public String description() {
    return "fashion-mnist, %d + %d images from %s"
        .formatted(train.labels.length, heldOut.labels.length, folder);
  }

  @Override
  public List<String> labels() {
    return LABELS;
  }

  @Override
  public int size(Part part) {
    return of(part).labels.length;
  }

  @Override
  public DataSetIterator read(Part part, int[] images, int batch) {
    return new ArrayIterator(images, batch, LABELS, numbers -> read(of(part), numbers));
  }

  private Images of(Part part) {
    return part == Part.TRAIN ? train : heldOut;
  }

  private DataSet read(Images source, int[] numbers) {
    NativeImageLoader loader = new NativeImageLoader(size, size, channels);
    INDArray features = Nd4j.create(DataType.FLOAT, numbers.length, channels, size, size);
    INDArray labels = Nd4j.create(DataType.FLOAT, numbers.length, LABELS.size());
    for (int i = 0; i < numbers.length; i++) {
      try (BytePointer pixels = new BytePointer(source.pixels[numbers[i]]);
          Mat image = new Mat(source.rows, source.columns, opencv_core.CV_8UC1, pixels)) {
        loader.asMatrixView(image, features.tensorAlongDimension(i, 1, 2, 3));
      } catch (IOException e) {
        throw new IllegalStateException("image " + numbers[i] + " of " + folder, e);
      }
      labels.putScalar(i, source.labels[numbers[i]], 1);
    }
    return new DataSet(features, labels);
  }

  private Images load(String prefix) {
    Path imagesFile = folder.resolve(prefix + "-images-idx3-ubyte.gz");
    Path labelsFile = folder.resolve(prefix + "-labels-idx1-ubyte.gz");
    Path images = unpack(imagesFile);
    Path labels = unpack(labelsFile);
    try (MnistImageFile imageReader = new MnistImageFile(images.toString(), "r");
        MnistLabelFile labelReader = new MnistLabelFile(labels.toString(), "r")) {
      int count = imageReader.getCount();
      check(
          imagesFile,
          "16 + images · rows · columns bytes",
          imageReader.length(),
          16 + (long) count * imageReader.getEntryLength());
      check(labelsFile, "8 + labels bytes", labelReader.length(), 8L + labelReader.getCount());
      check(labelsFile, "as many labels as images", labelReader.getCount(), count);
      int[] numbers = labelReader.readLabels(count);
      for (int number : numbers) {
        if (number >= LABELS.size()) {
          throw new UsageException(labelsFile.toString(), "labels from 0 to 9", number);
        }
      }
      return new Images(
          imageReader.readImagesUnsafe(count),
          numbers,
          imageReader.getRows(),
          imageReader.getCols());
    } catch (UsageException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // DL4J's readers throw a RuntimeException where the first number of a file is another.
      throw new UsageException(
          imagesFile.toString(), "idx images, with idx labels beside them", "another format", e);
    } finally {
      delete(images);
      delete(labels);
    }
  }

  private static void check(Path file, String expected, long got, long wanted) {
    if (got != wanted) {
      throw new UsageException(file.toString(), expected + " (" + wanted + ")", got);
    }
  }

  private static Path unpack(Path file) {
    try {
      Path unpacked = Files.createTempFile("dfp", ".idx");
      try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
        Files.copy(in, unpacked, StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        delete(unpacked);
        throw e;
      }
      return unpacked;
    } catch (IOException e) {
      throw new UsageException(file.toString(), "a readable gzip file", e.getMessage(), e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + file, e);
    }
  }
}
