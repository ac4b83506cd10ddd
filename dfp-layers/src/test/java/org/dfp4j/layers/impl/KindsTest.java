package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.layers.Dfp16;
import org.dfp4j.layers.NonFiniteTensorException;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.conf.LayerPrecision;
import org.dfp4j.layers.impl.Kinds.Case;
import org.dfp4j.layers.impl.Kinds.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Every kind of convolution against DL4J's own layer in FP64, tolerance 0: the values are integers
 * small enough that all operands are DFP-16 tensors and all sums are FP32 numbers.
 */
class KindsTest {

  private final Random random = new Random(Nets.SEED);

  static List<Case> all() {
    return Kinds.all();
  }

  /** One layer of each kind. */
  static Stream<Case> oneOfEach() {
    List<Case> all = Kinds.all();
    return Stream.of("conv ", "deconv ", "depthwise x2 ", "separable x2 ", "conv1d ", "conv3d ")
        .map(kind -> all.stream().filter(c -> c.name().startsWith(kind)).findFirst().orElseThrow());
  }

  private static LayerPrecision precision(boolean forward, boolean data, boolean weights) {
    return PrecisionPolicy.builder()
        .forward(forward)
        .backwardData(data)
        .backwardWeights(weights)
        .build()
        .precision();
  }

  private static void assertSame(String what, INDArray expected, INDArray actual) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    assertArrayEquals(
        withoutSignOfZero(expected.castTo(DataType.FLOAT)),
        withoutSignOfZero(actual),
        what + ", seed " + Nets.SEED);
  }

  private static float[] withoutSignOfZero(INDArray x) {
    return x.dup('c').addi(0f).data().asFloat();
  }

  private void compare(Case layer, LayerPrecision precision) {
    INDArray params = Kinds.integers(random, 1, Kinds.parameters(layer.conf()));
    INDArray src = Kinds.integers(random, layer.src());
    INDArray epsilon = Kinds.integers(random, Kinds.outputShape(layer));
    Run expected = Run.of(layer.conf(), params, src, epsilon, DataType.DOUBLE);
    Run actual = Run.of(Dfp16.layer(layer.conf(), precision), params, src, epsilon, DataType.FLOAT);
    assertTrue(expected.gradients().amaxNumber().doubleValue() > 0, layer + ": gradients");
    assertSame(layer + " output", expected.output(), actual.output());
    assertSame(layer + " diffSrc", expected.diffSrc(), actual.diffSrc());
    assertSame(layer + " gradients", expected.gradients(), actual.gradients());
  }

  @ParameterizedTest
  @MethodSource("all")
  void integersAreExact(Case layer) {
    compare(layer, LayerPrecision.DEFAULT);
  }

  @ParameterizedTest
  @MethodSource("oneOfEach")
  void eachProductCanBeSwitched(Case layer) {
    for (int on : IntStream.range(0, 8).toArray()) {
      compare(layer, precision((on & 1) > 0, (on & 2) > 0, (on & 4) > 0));
    }
  }

  /** DL4J's own gradients are wrong for this format, so the other one is the reference. */
  @ParameterizedTest
  @MethodSource("modes")
  void sequencesWithChannelsLastGiveTheSameBits(ConvolutionMode mode) {
    int[] settings = {3, 2, 0, 1};
    ConvolutionLayer first = Kinds.sequence(mode, settings, true, RNNFormat.NCW);
    ConvolutionLayer last = Kinds.sequence(mode, settings, true, RNNFormat.NWC);
    INDArray params = Kinds.gaussian(random, 1, Kinds.parameters(first));
    INDArray src = Kinds.gaussian(random, 2, 3, 11);
    INDArray epsilon =
        Kinds.gaussian(random, Kinds.outputShape(new Case("first", first, src.shape())));
    Run expected = Run.of(Dfp16.layer(first), params, src, epsilon, DataType.FLOAT);
    Run actual =
        Run.of(
            Dfp16.layer(last),
            params,
            src.permute(0, 2, 1),
            epsilon.permute(0, 2, 1),
            DataType.FLOAT);
    assertSame("output", expected.output(), actual.output().permute(0, 2, 1));
    assertSame("diffSrc", expected.diffSrc(), actual.diffSrc().permute(0, 2, 1));
    assertSame("gradients", expected.gradients(), actual.gradients());
  }

  static ConvolutionMode[] modes() {
    return ConvolutionMode.values();
  }

  @ParameterizedTest
  @MethodSource("oneOfEach")
  void everyProductRunsOnce(Case layer) {
    layer.conf().setActivationFn(Activation.TANH.getActivationFunction());
    ConvolutionLayer conf = Dfp16.layer(layer.conf());
    Layer live = live(conf);
    CountingKernels counter = new CountingKernels(KernelProvider.kernels()).watch(live);
    INDArray src = Kinds.gaussian(random, layer.src());
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray output = live.activate(src, true, none);
    live.backpropGradient(output.dup(), none);
    int steps = layer.name().startsWith("separable") ? 2 : 1;
    assertEquals("[1, 1, 1] | 1 1 1".replace('1', (char) ('0' + steps)), counter.counts());
    assertEquals("[0, " + steps + ", 0]", counter.open());
    assertEquals(3, ((Dfp16Impl) live).numerics().size());
    live.close();
    assertEquals("[0, 0, 0]", counter.open());
  }

  private Layer live(ConvolutionLayer conf) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(conf);
    INDArray params = Kinds.gaussian(random, 1, Kinds.parameters(conf));
    Layer layer = conf.instantiate(holder, null, 0, params, false, DataType.FLOAT);
    layer.setBackpropGradientsViewArray(Nd4j.create(DataType.FLOAT, params.shape()));
    return layer;
  }

  @ParameterizedTest
  @MethodSource("oneOfEach")
  void aBadInputMakesEverythingNan(Case layer) {
    layer.conf().setActivationFn(Activation.RELU.getActivationFunction());
    INDArray params = Kinds.gaussian(random, 1, Kinds.parameters(layer.conf()));
    INDArray src = Kinds.gaussian(random, layer.src());
    INDArray epsilon = Kinds.gaussian(random, Kinds.outputShape(layer));
    src.putScalar(5, Float.NaN);
    Run run = Run.of(Dfp16.layer(layer.conf()), params, src, epsilon, DataType.FLOAT);
    for (INDArray x : List.of(run.output(), run.diffSrc(), run.gradients())) {
      assertEquals(
          x.length(), x.isNaN().castTo(DataType.FLOAT).sumNumber().longValue(), layer.name());
    }
    LayerPrecision strict = PrecisionPolicy.builder().strict(true).build().precision();
    ConvolutionLayer conf = Dfp16.layer(layer.conf(), strict);
    NonFiniteTensorException e =
        assertThrows(
            NonFiniteTensorException.class,
            () -> Run.of(conf, params, src, epsilon, DataType.FLOAT));
    assertTrue(e.getMessage().contains("layer"), e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("oneOfEach")
  void aWrongNumberOfChannelsIsNamed(Case layer) {
    long[] shape = layer.src().clone();
    shape[1]++;
    Layer live = live(Dfp16.layer(layer.conf()));
    DL4JInvalidInputException e =
        assertThrows(
            DL4JInvalidInputException.class,
            () -> live.activate(Nd4j.zeros(shape), false, LayerWorkspaceMgr.noWorkspaces()));
    assertTrue(e.getMessage().contains("layer"), e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("oneOfEach")
  void configurationsSurviveJsonAndComeBack(Case layer) throws Exception {
    ConvolutionLayer dfp = Dfp16.layer(layer.conf());
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(dfp);
    assertEquals(dfp, NeuralNetConfiguration.fromJson(holder.toJson()).getLayer());
    assertEquals(dfp, dfp.clone());
    assertEquals(dfp.hashCode(), dfp.clone().hashCode());
    assertEquals(layer.conf(), ((Dfp16Layer) dfp).toStock());
    assertNotEquals(layer.conf(), dfp);
    assertNotEquals(dfp, layer.conf());
    assertNotEquals(dfp, Dfp16.layer(layer.conf(), precision(true, true, false)));
    assertTrue(dfp.toString().startsWith("Dfp16"), dfp.toString());
  }

  @Test
  void theStepsOfASeparableConvolutionDrawOtherRandomNumbers() {
    LayerPrecision base = PrecisionPolicy.builder().seed(7).build().precision();
    assertEquals(base, base.withStream(0));
    assertNotEquals(base.seed(), base.withStream(1).seed());
  }
}
