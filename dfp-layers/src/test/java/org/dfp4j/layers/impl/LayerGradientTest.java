package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.layers.Dfp16;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.dfp4j.layers.conf.Fp32Layers;
import org.dfp4j.layers.conf.LayerPrecision;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The gradients of this project's layers against finite differences.
 *
 * <p>The layers take FP32 only, where finite differences are worthless. So their FP32 gradients are
 * compared with central differences of the score of a network of their stock forms in FP64, whose
 * own gradients DL4J's check confirms. DFP-16 layers compute all products in FP32 here. A
 * convolution before the layer shows its gradient by its input.
 */
class LayerGradientTest {

  private static final int IMAGES = 3;
  private static final int CHANNELS = 4;
  private static final int SIZE = 6;
  private static final int OUTPUTS = 2;
  private static final double STEP = 1e-6;

  /** FP32 sums of up to 2^8 terms: 2^-24 for each, of the largest gradient of the parameter. */
  private static final double TOLERANCE = Math.scalb(1.0, -24 + 8);

  /** Running statistics: what stands for their gradient is none. */
  private static final Set<String> STATISTICS = Set.of("mean", "var", "log10stdev");

  private static final LayerPrecision PRODUCTS_IN_FP32 =
      PrecisionPolicy.builder()
          .forward(false)
          .backwardData(false)
          .backwardWeights(false)
          .build()
          .precision();

  /** DL4J's check asks for it. */
  @BeforeAll
  static void doublesByDefault() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterAll
  static void floatsByDefault() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  /** A stock layer behind a convolution. */
  private record Subject(String name, Layer stock) {

    Layer ours() {
      return Dfp16Layers.supports(stock)
          ? Dfp16.layer(stock, PRODUCTS_IN_FP32)
          : Fp32Layers.swap(stock);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Subject> subjects() {
    return Stream.of(
        new Subject("convolution", new ConvolutionLayer.Builder(3, 3).nOut(3).build()),
        new Subject(
            "transposed convolution",
            new Deconvolution2D.Builder(2, 2).stride(2, 2).nOut(3).build()),
        new Subject(
            "depthwise convolution",
            new DepthwiseConvolution2D.Builder(3, 3).depthMultiplier(2).build()),
        new Subject(
            "separable convolution", new SeparableConvolution2D.Builder(3, 3).nOut(3).build()),
        new Subject("dense", new DenseLayer.Builder().nOut(5).build()),
        new Subject("output", output()),
        new Subject("batch normalization", new BatchNormalization.Builder().build()),
        new Subject(
            "batch normalization, variance, locked",
            new BatchNormalization.Builder()
                .useLogStd(false)
                .lockGammaBeta(true)
                .gamma(1.5)
                .beta(0.5)
                .build()),
        new Subject("rectifier", new ActivationLayer(Activation.RELU)),
        new Subject("leaky rectifier", new ActivationLayer(Activation.LEAKYRELU)),
        new Subject("maximum pooling", pooling(PoolingType.MAX)),
        new Subject("mean pooling", pooling(PoolingType.AVG)),
        // AlexNet's settings. DL4J's gradient, and so ours, takes the scale for the same in
        // neighbouring channels, which it nearly is for a small alpha only.
        new Subject(
            "local response normalization",
            new LocalResponseNormalization.Builder().n(5).k(2).alpha(1e-4).beta(0.75).build()));
  }

  private static Layer pooling(PoolingType type) {
    return new SubsamplingLayer.Builder(type)
        .kernelSize(3, 3)
        .stride(2, 2)
        .convolutionMode(ConvolutionMode.Same)
        .build();
  }

  private static OutputLayer output() {
    return new OutputLayer.Builder(LossFunction.MSE)
        .nOut(OUTPUTS)
        .activation(Activation.IDENTITY)
        .build();
  }

  /** A convolution, the layer, and an output layer where the layer is none. */
  private static MultiLayerNetwork network(Layer layer, DataType type) {
    var list =
        Nets.defaults(new NoOp())
            .dataType(type)
            .activation(Activation.TANH)
            .list()
            .layer(new ConvolutionLayer.Builder(2, 2).nOut(CHANNELS).build())
            .layer(layer);
    if (!(layer instanceof OutputLayer)) {
      list.layer(output());
    }
    MultiLayerNetwork network =
        new MultiLayerNetwork(list.setInputType(InputType.convolutional(SIZE, SIZE, 1)).build());
    network.init();
    return network;
  }

  private static DataSet batch(DataType type) {
    Random random = new Random(Nets.SEED);
    return new DataSet(
        Kinds.gaussian(random, IMAGES, 1, SIZE, SIZE).castTo(type),
        Kinds.gaussian(random, IMAGES, OUTPUTS).castTo(type));
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void stockLayersPassDl4jsCheckInFp64(Subject subject) {
    DataSet batch = batch(DataType.DOUBLE);
    assertTrue(
        GradientCheckUtil.checkGradients(
            new GradientCheckUtil.MLNConfig()
                .net(network(subject.stock(), DataType.DOUBLE))
                .input(batch.getFeatures())
                .labels(batch.getLabels())
                .excludeParams(Set.of("1_mean", "1_var", "1_log10stdev"))
                .epsilon(STEP)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-9)),
        subject.name());
  }

  @ParameterizedTest
  @MethodSource("subjects")
  void oursAgreeWithFiniteDifferencesOfFp64(Subject subject) {
    MultiLayerNetwork ours = network(subject.ours(), DataType.FLOAT);
    assertEquals(subject.ours().getClass(), ours.getLayer(1).conf().getLayer().getClass());
    MultiLayerNetwork exact = network(subject.stock(), DataType.DOUBLE);
    exact.setParams(ours.params().castTo(DataType.DOUBLE));
    DataSet batch = batch(DataType.FLOAT);
    ours.setInput(batch.getFeatures());
    ours.setLabels(batch.getLabels());
    ours.computeGradientAndScore();
    Map<String, INDArray> gradients = ours.gradient().gradientForVariable();
    DataSet exactBatch = batch(DataType.DOUBLE);
    List<String> keys =
        exact.paramTable().keySet().stream()
            .filter(key -> !STATISTICS.contains(key.substring(key.indexOf('_') + 1)))
            .toList();
    for (String key : keys) {
      INDArray differences = differences(exact, exact.paramTable().get(key), exactBatch);
      // The updater divides by the number of images.
      INDArray gradient = gradients.get(key).castTo(DataType.DOUBLE).div(IMAGES);
      double largest = differences.amaxNumber().doubleValue();
      double worst = gradient.sub(differences).amaxNumber().doubleValue();
      assertTrue(largest > 1e-3, key + ": expected a gradient, got " + largest);
      assertTrue(
          worst <= TOLERANCE * largest,
          "%s, %s, seed %d: off by %s of %s"
              .formatted(subject.name(), key, Nets.SEED, worst, largest));
    }
  }

  /** Central differences of the score in training. */
  private static INDArray differences(
      MultiLayerNetwork network, INDArray parameter, DataSet batch) {
    INDArray differences = parameter.ulike();
    for (long i = 0; i < parameter.length(); i++) {
      double value = parameter.getDouble(i);
      parameter.putScalar(i, value + STEP);
      double above = network.score(batch, true);
      parameter.putScalar(i, value - STEP);
      double below = network.score(batch, true);
      parameter.putScalar(i, value);
      differences.putScalar(i, (above - below) / (2 * STEP));
    }
    return differences;
  }
}
