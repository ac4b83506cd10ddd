package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * What DL4J does around the products works as with stock layers: one training step of the DFP-16
 * twin is the step of the FP32 network.
 *
 * <p>Tolerance: rounding moves an operand by less than 2^-14 of its tensor's largest value, which
 * is below 8 times the root mean square in these networks. A gradient passes at most 5 layers and 2
 * rounded operands in each, so its relative error in the Euclidean norm is below 5·2·8·2^-14 = 0.5
 * %. A setting without effect differs by far more, which each test asserts where it can.
 */
class BehaviourTest {

  private static final double TOLERANCE = 5 * 2 * 8 * Math.scalb(1.0, -14);

  private static INDArray step(MultiLayerNetwork net, DataSet data) {
    INDArray before = net.params().dup();
    Nd4j.getRandom().setSeed(Nets.SEED);
    net.fit(data);
    return net.params().sub(before);
  }

  private static double distance(INDArray a, INDArray b) {
    return a.sub(b).norm2Number().doubleValue() / a.norm2Number().doubleValue();
  }

  /** Trains one step in both precisions; returns the FP32 step. */
  private static INDArray assertSameStep(MultiLayerConfiguration conf, DataSet data) {
    MultiLayerNetwork fp32 = new MultiLayerNetwork(conf.clone());
    fp32.init();
    MultiLayerNetwork dfp = MixedPrecision.dfp16().convert(fp32);
    INDArray expected = step(fp32, data);
    INDArray actual = step(dfp, data);
    double distance = distance(expected, actual);
    assertTrue(distance <= TOLERANCE, "step differs by " + distance + ", seed " + Nets.SEED);
    assertEquals(fp32.score(), dfp.score(), TOLERANCE * Math.abs(fp32.score()));
    return expected;
  }

  private static Arguments setting(String name, Consumer<NeuralNetConfiguration.Builder> setting) {
    return Arguments.of(name, setting);
  }

  static Stream<Arguments> settings() {
    return Stream.of(
        setting("dropout", b -> b.dropOut(0.6)),
        setting("weight noise", b -> b.weightNoise(new DropConnect(0.7))),
        setting("max norm", b -> b.constrainWeights(new MaxNormConstraint(0.5, 1))),
        setting("non-negative", b -> b.constrainWeights(new NonNegativeConstraint())),
        setting("L1 and L2", b -> b.l1(0.1).l2(0.2)),
        setting("weight decay", b -> b.weightDecay(0.5)),
        setting(
            "clipping",
            b ->
                b.gradientNormalization(GradientNormalization.ClipL2PerLayer)
                    .gradientNormalizationThreshold(0.01)),
        setting(
            "renormalization",
            b -> b.gradientNormalization(GradientNormalization.RenormalizeL2PerParamType)),
        setting("no minibatch", b -> b.miniBatch(false)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("settings")
  void settingsActAsInStockLayers(String name, Consumer<NeuralNetConfiguration.Builder> setting) {
    DataSet data = Nets.images(6, Nets.SEED);
    NeuralNetConfiguration.Builder defaults = Nets.defaults(new Sgd(0.1));
    setting.accept(defaults);
    INDArray with = assertSameStep(Nets.chain(defaults), data);
    INDArray without = assertSameStep(Nets.chain(), data);
    assertTrue(distance(without, with) > 10 * TOLERANCE, name + " has an effect");
  }

  static Stream<IUpdater> updaters() {
    return Stream.of(new Sgd(0.1), new Nesterovs(0.1, 0.9), new RmsProp(0.01));
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void updatersActAsInStockLayers(IUpdater updater) {
    MultiLayerConfiguration conf = Nets.chain(Nets.defaults(updater).activation(Activation.TANH));
    // RmsProp divides by the gradient's size: small gradients get the error of large ones.
    DataSet data = Nets.images(6, Nets.SEED);
    MultiLayerNetwork fp32 = new MultiLayerNetwork(conf);
    fp32.init();
    MultiLayerNetwork dfp = MixedPrecision.dfp16().convert(fp32);
    for (int i = 0; i < 3; i++) {
      step(fp32, data);
      step(dfp, data);
    }
    double gap = distance(fp32.params(), dfp.params());
    assertTrue(gap <= 3 * TOLERANCE, "parameters differ by " + gap);
    assertEquals(
        fp32.getUpdater().getStateViewArray() == null,
        dfp.getUpdater().getStateViewArray() == null);
  }

  @ParameterizedTest
  @EnumSource(
      value = Activation.class,
      names = {"RRELU", "THRESHOLDEDRELU", "RATIONALTANH"},
      mode = EnumSource.Mode.EXCLUDE)
  void activationsActAsInStockLayers(Activation activation) {
    assertSameStep(
        Nets.chain(Nets.defaults(new Sgd(0.1)).activation(activation)), Nets.images(6, Nets.SEED));
  }

  @ParameterizedTest
  @EnumSource(
      value = LossFunction.class,
      names = {"MSE", "MCXENT", "NEGATIVELOGLIKELIHOOD", "KL_DIVERGENCE", "SQUARED_LOSS"})
  void lossesActAsInStockLayers(LossFunction loss) {
    MultiLayerConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .list()
            .layer(new DenseLayer.Builder().nOut(9).hasLayerNorm(true).build())
            .layer(new DenseLayer.Builder().nOut(8).hasLayerNorm(true).hasBias(false).build())
            .layer(new OutputLayer.Builder(loss).nOut(4).activation(Activation.SOFTMAX).build())
            .setInputType(InputType.convolutionalFlat(8, 8, 3))
            .build();
    DataSet images = Nets.images(6, Nets.SEED);
    assertSameStep(conf, new DataSet(images.getFeatures().reshape(6, 192), images.getLabels()));
  }

  @Test
  void masksActAsInStockLayers() {
    DataSet data = Nets.images(6, Nets.SEED);
    INDArray mask = Nd4j.create(new float[] {1, 0, 1, 1, 0, 1}, new long[] {6, 1});
    DataSet masked = new DataSet(data.getFeatures(), data.getLabels(), null, mask);
    INDArray with = assertSameStep(Nets.chain(), masked);
    INDArray without = assertSameStep(Nets.chain(), data);
    assertTrue(distance(without, with) > 10 * TOLERANCE, "the mask has an effect");
  }

  @Test
  void frozenLayersStayFrozen() {
    for (boolean backprop : new boolean[] {false, true}) {
      MultiLayerConfiguration conf = Nets.chain();
      Layer conv = conf.getConf(0).getLayer();
      conf.getConf(0)
          .setLayer(backprop ? new FrozenLayerWithBackprop(conv) : new FrozenLayer(conv));
      conf.getConf(0).getLayer().setLayerName("conv1");
      INDArray step = assertSameStep(conf, Nets.images(6, Nets.SEED));
      long frozen = conv.initializer().numParams(conv);
      for (long i = 0; i < frozen; i++) {
        assertEquals(0, step.getFloat(i), "parameter " + i);
      }
    }
  }

  @Test
  void timeDistributedDenseActsAsStock() {
    MultiLayerConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .list()
            .layer(new TimeDistributed(new DenseLayer.Builder().nIn(5).nOut(6).build()))
            .layer(
                new RnnOutputLayer.Builder()
                    .nIn(6)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .lossFunction(LossFunction.MCXENT)
                    .build())
            .setInputType(InputType.recurrent(5, 4))
            .build();
    Nd4j.getRandom().setSeed(Nets.SEED);
    INDArray features = Nd4j.rand(2, 5, 4);
    INDArray labels = Nd4j.zeros(2, 3, 4);
    for (int t = 0; t < 4; t++) {
      labels.putScalar(0, t % 3, t, 1);
      labels.putScalar(1, (t + 1) % 3, t, 1);
    }
    assertSameStep(conf, new DataSet(features, labels));
  }

  @Test
  void graphsTrainAsFp32() {
    ComputationGraph fp32 = new ComputationGraph(Nets.graph());
    fp32.init();
    ComputationGraph dfp = MixedPrecision.dfp16().convert(fp32);
    INDArray start = fp32.params().dup();
    DataSet data = Nets.images(6, Nets.SEED);
    fp32.fit(data);
    dfp.fit(data);
    double distance = distance(fp32.params().sub(start), dfp.params().sub(start));
    assertTrue(distance <= TOLERANCE, "step differs by " + distance);
  }

  static List<PrecisionPolicy> partialPolicies() {
    List<PrecisionPolicy> policies = new ArrayList<>();
    for (int bits = 1; bits < 7; bits++) {
      policies.add(
          PrecisionPolicy.builder()
              .name("products " + Integer.toBinaryString(bits))
              .forward((bits & 1) != 0)
              .backwardData((bits & 2) != 0)
              .backwardWeights((bits & 4) != 0)
              .build());
    }
    return policies;
  }

  @ParameterizedTest
  @MethodSource("partialPolicies")
  void eachProductIsSwitchedOnItsOwn(PrecisionPolicy policy) {
    DataSet data = Nets.images(6, Nets.SEED);
    NeuralNetConfiguration.Builder defaults =
        Nets.defaults(new Sgd(0.1)).dropOut(0.8).weightNoise(new DropConnect(0.8));
    MultiLayerNetwork fp32 = new MultiLayerNetwork(Nets.chain(defaults));
    fp32.init();
    MultiLayerNetwork mixed = MixedPrecision.of(policy).convert(fp32);
    INDArray expected = step(fp32, data);
    INDArray actual = step(mixed, data);
    double distance = distance(expected, actual);
    assertTrue(distance > 0, "the products of " + policy.name() + " run in DFP-16");
    assertTrue(distance <= TOLERANCE, policy.name() + " differs by " + distance);
  }

  @ParameterizedTest
  @MethodSource("partialPolicies")
  void eachProductIsSwitchedOnItsOwnInNhwc(PrecisionPolicy policy) {
    // Without dropout: DL4J's own NHWC layers fail with it.
    MultiLayerConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .weightNoise(new DropConnect(0.8))
            .activation(Activation.TANH)
            .list()
            .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).dataFormat(CNN2DFormat.NHWC).build())
            .layer(
                new ConvolutionLayer.Builder(2, 2)
                    .stride(2, 2)
                    .nOut(5)
                    .hasBias(false)
                    .dataFormat(CNN2DFormat.NHWC)
                    .build())
            .layer(new OutputLayer.Builder().nOut(4).build())
            .setInputType(InputType.convolutional(8, 8, 3, CNN2DFormat.NHWC))
            .build();
    DataSet nchw = Nets.images(6, Nets.SEED);
    DataSet data = new DataSet(nchw.getFeatures().permute(0, 2, 3, 1).dup('c'), nchw.getLabels());
    MultiLayerNetwork fp32 = new MultiLayerNetwork(conf);
    fp32.init();
    MultiLayerNetwork mixed = MixedPrecision.of(policy).convert(fp32);
    double distance = distance(step(fp32, data), step(mixed, data));
    assertTrue(distance > 0, "the products of " + policy.name() + " run in DFP-16");
    assertTrue(distance <= TOLERANCE, policy.name() + " differs by " + distance);
  }

  @Test
  void withThePolicyOffEveryBitIsStock() {
    MultiLayerNetwork fp32 = new MultiLayerNetwork(Nets.chain(Nets.defaults(new Adam(0.01))));
    fp32.init();
    MultiLayerNetwork off = MixedPrecision.fp32().convert(MixedPrecision.dfp16().convert(fp32));
    DataSet data = Nets.images(6, Nets.SEED);
    for (int i = 0; i < 3; i++) {
      fp32.fit(data);
      off.fit(data);
    }
    assertArrayEquals(fp32.params().data().asFloat(), off.params().data().asFloat());
  }
}
