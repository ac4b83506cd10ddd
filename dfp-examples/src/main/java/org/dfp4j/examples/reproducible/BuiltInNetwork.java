package org.dfp4j.examples.reproducible;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * A residual network of seconds a run that has one of everything: convolutions of three kernel
 * sizes, batch normalization, response normalization, a residual sum, both poolings, a dense layer
 * with dropout, L1, L2, and gradients that are clipped by their norm.
 */
final class BuiltInNetwork {

  /** Channels of the images. */
  static final int CHANNELS = 3;

  /** Height and width of the images where the user gives none. */
  static final int SIZE = 20;

  /** The poolings need maps of 4 × 4. */
  static final int SMALLEST = 8;

  private BuiltInNetwork() {}

  static ComputationGraphConfiguration configuration(int size, int classes, long seed) {
    return new NeuralNetConfiguration.Builder()
        .seed(seed)
        .updater(new Adam(1e-3))
        .weightInit(WeightInit.RELU)
        .l1(1e-4)
        .l2(1e-3)
        .gradientNormalization(GradientNormalization.ClipL2PerLayer)
        .gradientNormalizationThreshold(0.1)
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(size, size, CHANNELS))
        .addLayer("conv1", convolution(7, 2, 12), "in")
        .addLayer("bn1", new BatchNormalization(), "conv1")
        .addLayer("relu1", new ActivationLayer(Activation.RELU), "bn1")
        .addLayer("lrn", new LocalResponseNormalization.Builder().alpha(0.1).build(), "relu1")
        .addLayer("conv2", convolution(3, 1, 12), "lrn")
        .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "conv2", "relu1")
        .addLayer("max", pooling(SubsamplingLayer.PoolingType.MAX), "add")
        .addLayer("conv3", convolution(1, 1, 20), "max")
        .addLayer("average", pooling(SubsamplingLayer.PoolingType.AVG), "conv3")
        .addLayer(
            "dense",
            new DenseLayer.Builder().nOut(24).activation(Activation.TANH).dropOut(0.8).build(),
            "average")
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(classes)
                .activation(Activation.SOFTMAX)
                .build(),
            "dense")
        .setOutputs("out")
        .build();
  }

  private static ConvolutionLayer convolution(int kernel, int stride, int channels) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .stride(stride, stride)
        .nOut(channels)
        .convolutionMode(ConvolutionMode.Same)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static SubsamplingLayer pooling(SubsamplingLayer.PoolingType type) {
    return new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(2, 2).build();
  }
}
