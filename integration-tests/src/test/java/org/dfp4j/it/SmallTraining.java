package org.dfp4j.it;

import java.util.Locale;
import java.util.Random;
import org.deeplearning4j.nn.api.OptimizationAlgorithm;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
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
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInit;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.layers.MixedPrecision;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.lossfunctions.LossFunctions;

/**
 * A process that trains a small residual network in DFP-16 and prints the bits of every score, and
 * of the parameters at the end. {@link SameBitsTest} starts it with different kernels.
 */
final class SmallTraining {

  /** Before each line that is compared. */
  static final String RESULT = "result ";

  /** Before the name of the kernels that ran. */
  static final String KERNELS = "kernels ";

  private static final int ITERATIONS = 5;
  private static final int BATCH = 6;
  private static final int SIZE = 20;
  private static final int CLASSES = 4;

  private SmallTraining() {}

  public static void main(String[] args) {
    ComputationGraph network =
        new ComputationGraph(MixedPrecision.dfp16().convert(configuration()));
    network.init();
    DataSet batch = batch();
    for (int i = 0; i < ITERATIONS; i++) {
      network.fit(batch);
      print("score", Double.doubleToLongBits(network.score()));
    }
    long hash = 1;
    for (float parameter : network.params().dup().data().asFloat()) {
      hash = 31 * hash + Float.floatToIntBits(parameter);
    }
    print("parameters", hash);
    System.out.println(KERNELS + KernelProvider.kernels().name());
  }

  private static void print(String name, long bits) {
    System.out.println(RESULT + String.format(Locale.ROOT, "%s %016x", name, bits));
  }

  private static ComputationGraphConfiguration configuration() {
    return new NeuralNetConfiguration.Builder()
        .seed(5)
        .optimizationAlgo(OptimizationAlgorithm.STOCHASTIC_GRADIENT_DESCENT)
        .updater(new Adam(1e-3))
        .weightInit(WeightInit.RELU)
        .l1(1e-4)
        .l2(1e-3)
        .graphBuilder()
        .addInputs("in")
        .setInputTypes(InputType.convolutional(SIZE, SIZE, 3))
        .addLayer("conv1", conv(7, 2, 12), "in")
        .addLayer("bn1", new BatchNormalization(), "conv1")
        .addLayer("relu1", new ActivationLayer(Activation.RELU), "bn1")
        .addLayer("lrn", new LocalResponseNormalization.Builder().alpha(0.1).build(), "relu1")
        .addLayer("conv2", conv(3, 1, 12), "lrn")
        .addVertex("add", new ElementWiseVertex(ElementWiseVertex.Op.Add), "conv2", "relu1")
        .addLayer(
            "pool", new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(), "add")
        .addLayer("conv3", conv(1, 2, 20), "pool")
        .addLayer(
            "dense",
            new DenseLayer.Builder().nOut(24).activation(Activation.TANH).dropOut(0.8).build(),
            "conv3")
        .addLayer(
            "out",
            new OutputLayer.Builder(LossFunctions.LossFunction.MCXENT)
                .nOut(CLASSES)
                .activation(Activation.SOFTMAX)
                .build(),
            "dense")
        .setOutputs("out")
        .build();
  }

  private static ConvolutionLayer conv(int kernel, int stride, int channels) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .stride(stride, stride)
        .nOut(channels)
        .convolutionMode(ConvolutionMode.Same)
        .activation(Activation.IDENTITY)
        .build();
  }

  private static DataSet batch() {
    Random random = new Random(3);
    INDArray features = Nd4j.create(BATCH, 3, SIZE, SIZE);
    for (long i = 0; i < features.length(); i++) {
      features.data().put(i, (float) random.nextGaussian());
    }
    INDArray labels = Nd4j.zeros(BATCH, CLASSES);
    for (int i = 0; i < BATCH; i++) {
      labels.putScalar(i, random.nextInt(CLASSES), 1);
    }
    return new DataSet(features, labels);
  }
}
