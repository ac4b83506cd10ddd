package org.dfp4j.examples.stock;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.deeplearning4j.datasets.iterator.utilty.ListDataSetIterator;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Trains a convolutional network of six convolutions on Fashion-MNIST and prints score, accuracy
 * and time.
 *
 * <p>Arguments, all optional: iterations (100), images to test on (1000), folder of the data set's
 * four {@code .gz} files.
 */
public final class FashionConvNet {

  private static final int SIDE = 28;
  private static final int CLASSES = 10;
  private static final int BATCH = 64;
  private static final int SEED = 1;
  private static final List<Path> FOLDERS =
      List.of(
          Path.of("/usr/share/datasets/fashion-mnist"),
          Path.of(System.getProperty("user.home"), ".dfp4j", "fashion-mnist"));

  private FashionConvNet() {}

  /** Runs the program. */
  public static void main(String[] arguments) throws IOException {
    int iterations = arguments.length > 0 ? count("iterations", arguments[0]) : 100;
    int testImages = arguments.length > 1 ? count("images to test on", arguments[1]) : 1000;
    Path folder =
        arguments.length > 2
            ? Path.of(arguments[2])
            : FOLDERS.stream().filter(Files::isDirectory).findFirst().orElse(FOLDERS.get(0));
    List<DataSet> batches = batches(folder, "train", iterations * BATCH);
    DataSetIterator test = new ListDataSetIterator<>(batches(folder, "t10k", testImages));

    MultiLayerNetwork network = new MultiLayerNetwork(configuration());
    network.init();
    double[] seconds = new double[iterations];
    for (int i = 0; i < iterations; i++) {
      long start = System.nanoTime();
      network.fit(batches.get(i));
      seconds[i] = (System.nanoTime() - start) * 1e-9;
    }
    Arrays.sort(seconds);
    System.out.printf("score at end                 %.3f%n", network.score());
    System.out.printf(
        "accuracy                     %.1f %%%n", 100 * network.evaluate(test).accuracy());
    System.out.printf("median seconds an iteration  %.3f%n", seconds[iterations / 2]);
  }

  private static int count(String argument, String text) {
    if (!text.matches("[1-9]\\d{0,6}")) {
      throw new IllegalArgumentException(argument + ": expected a number >= 1, got " + text);
    }
    return Integer.parseInt(text);
  }

  private static MultiLayerConfiguration configuration() {
    return new NeuralNetConfiguration.Builder()
        .seed(SEED)
        .updater(new Adam(1e-3))
        .weightInit(WeightInit.RELU)
        .activation(Activation.RELU)
        .convolutionMode(ConvolutionMode.Same)
        .list()
        .layer(convolution(32))
        .layer(convolution(32))
        .layer(pooling())
        .layer(convolution(64))
        .layer(convolution(64))
        .layer(pooling())
        .layer(convolution(128))
        .layer(convolution(128))
        .layer(pooling())
        .layer(new DenseLayer.Builder().nOut(128).build())
        .layer(
            new OutputLayer.Builder(LossFunction.MCXENT)
                .activation(Activation.SOFTMAX)
                .nOut(CLASSES)
                .build())
        .setInputType(InputType.convolutional(SIDE, SIDE, 1))
        .build();
  }

  private static ConvolutionLayer convolution(int channels) {
    return new ConvolutionLayer.Builder(3, 3).nOut(channels).build();
  }

  private static SubsamplingLayer pooling() {
    return new SubsamplingLayer.Builder(SubsamplingLayer.PoolingType.MAX)
        .kernelSize(2, 2)
        .stride(2, 2)
        .build();
  }

  private static List<DataSet> batches(Path folder, String part, int images) throws IOException {
    try (DataInputStream pixels = open(folder.resolve(part + "-images-idx3-ubyte.gz"));
        DataInputStream labels = open(folder.resolve(part + "-labels-idx1-ubyte.gz"))) {
      pixels.skipNBytes(16);
      labels.skipNBytes(8);
      List<DataSet> batches = new ArrayList<>();
      for (int i = 0; i < images; i += BATCH) {
        batches.add(batch(pixels, labels, Math.min(BATCH, images - i)));
      }
      return batches;
    } catch (EOFException e) {
      throw new IOException(part + " images: expected " + images + ", got fewer in " + folder, e);
    }
  }

  private static DataInputStream open(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException("data set: expected " + file + ", got no such file");
    }
    return new DataInputStream(
        new BufferedInputStream(new GZIPInputStream(Files.newInputStream(file))));
  }

  private static DataSet batch(DataInputStream pixels, DataInputStream labels, int images)
      throws IOException {
    float[] values = new float[images * SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = pixels.readUnsignedByte() / 255f;
    }
    INDArray oneHot = Nd4j.zeros(images, CLASSES);
    for (int i = 0; i < images; i++) {
      oneHot.putScalar(i, labels.readUnsignedByte(), 1);
    }
    return new DataSet(Nd4j.createFromArray(values).reshape(images, 1, SIDE, SIDE), oneHot);
  }
}
