package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Small networks and data for tests. */
public final class Nets {

  /** Seed of everything random; printed where a test fails. */
  public static final int SEED = 20180424;

  private Nets() {}

  /** Defaults of the networks below. */
  public static NeuralNetConfiguration.Builder defaults(IUpdater updater) {
    return new NeuralNetConfiguration.Builder()
        .seed(SEED)
        .weightInit(WeightInit.XAVIER)
        .activation(Activation.RELU)
        .updater(updater);
  }

  /** Two convolutions, pooling, a dense and an output layer, for {@code [mb, 3, 8, 8]}. */
  public static MultiLayerConfiguration chain(NeuralNetConfiguration.Builder defaults) {
    return defaults
        .list()
        .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).name("conv1").build())
        .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build())
        .layer(new ConvolutionLayer.Builder(2, 2).nOut(5).hasBias(false).name("conv2").build())
        .layer(new DenseLayer.Builder().nOut(7).name("dense").build())
        .layer(new OutputLayer.Builder().nOut(4).name("output").build())
        .setInputType(InputType.convolutional(8, 8, 3))
        .build();
  }

  /** As {@link #chain}, with the default updater. */
  public static MultiLayerConfiguration chain() {
    return chain(defaults(new Sgd(0.1)));
  }

  /** A residual block between two convolutions, for {@code [mb, 3, 8, 8]}. */
  public static ComputationGraphConfiguration graph(NeuralNetConfiguration.Builder defaults) {
    return defaults
        .graphBuilder()
        .addInputs("in")
        .addLayer("stem", conv(6, 3, Activation.IDENTITY), "in")
        .addLayer("bn", new BatchNormalization.Builder().build(), "stem")
        .addLayer("left", conv(6, 3, Activation.TANH), "bn")
        .addLayer("right", conv(6, 1, Activation.RELU), "bn")
        .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right")
        .addLayer("dense", new DenseLayer.Builder().nOut(7).build(), "add")
        .addLayer("output", new OutputLayer.Builder().nOut(4).build(), "dense")
        .setOutputs("output")
        .setInputTypes(InputType.convolutional(8, 8, 3))
        .build();
  }

  /** As {@link #graph}, with the default updater. */
  public static ComputationGraphConfiguration graph() {
    return graph(defaults(new Sgd(0.1)));
  }

  private static Layer conv(int channels, int kernel, Activation activation) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nOut(channels)
        .convolutionMode(org.deeplearning4j.nn.conf.ConvolutionMode.Same)
        .activation(activation)
        .build();
  }

  /** Images {@code [mb, 3, 8, 8]} of four classes; each class lights one quadrant. */
  public static DataSet images(int mb, int seed) {
    java.util.Random random = new java.util.Random(seed);
    INDArray features = Nd4j.create(mb, 3, 8, 8);
    INDArray labels = Nd4j.zeros(mb, 4);
    for (int n = 0; n < mb; n++) {
      int label = random.nextInt(4);
      labels.putScalar(n, label, 1);
      for (int c = 0; c < 3; c++) {
        for (int y = 0; y < 8; y++) {
          for (int x = 0; x < 8; x++) {
            boolean lit = label == 2 * (y / 4) + x / 4;
            features.putScalar(new int[] {n, c, y, x}, random.nextGaussian() * 0.5 + (lit ? 1 : 0));
          }
        }
      }
    }
    return new DataSet(features, labels);
  }
}
