package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.Dfp16;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One layer, forward and backward, against DL4J's own layer in FP64.
 *
 * <p>The bound on the difference is derived. A mantissa is off by less than one, so an operand is
 * off by less than {@code 2^E}; with {@code |a'-a| <= da} and {@code |b'-b| <= db}
 *
 * <pre>
 *   |Σ a'·b' - Σ a·b| ≤ k · (amax·db + bmax·da + da·db)
 * </pre>
 *
 * for k products. Rounding to FP32 and adding the bias change the result by at most {@code 2^-22}
 * of its size.
 */
class LayerContractTest {

  private static final double FP32 = Math.scalb(1.0, -22);

  /** Largest slope of the activation and of its derivative, on the whole line. */
  private enum Smooth {
    IDENTITY(Activation.IDENTITY, 1, 0),
    TANH(Activation.TANH, 1, 0.7699),
    SIGMOID(Activation.SIGMOID, 0.25, 0.0963),
    SOFTPLUS(Activation.SOFTPLUS, 1, 0.25);

    final Activation activation;
    final double slope;
    final double curvature;

    Smooth(Activation activation, double slope, double curvature) {
      this.activation = activation;
      this.slope = slope;
      this.curvature = curvature;
    }
  }

  private static INDArray random(Random random, long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.putScalar(i, (float) random.nextGaussian());
    }
    return x;
  }

  private static Layer instantiate(
      FeedForwardLayer conf, INDArray params, INDArray gradients, DataType type) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(conf);
    conf.setBiasInit(0);
    Layer layer = conf.instantiate(holder, null, 0, params.castTo(type).dup(), false, type);
    layer.setBackpropGradientsViewArray(gradients);
    return layer;
  }

  /** One forward and one backward pass. */
  private record Run(INDArray output, INDArray diffSrc, INDArray gradients, Layer layer) {

    static Run of(
        FeedForwardLayer conf, INDArray params, INDArray src, INDArray epsilon, DataType type) {
      INDArray gradients = Nd4j.create(type, 1, params.length());
      Layer layer = instantiate(conf, params, gradients, type);
      LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
      INDArray output = layer.activate(src.castTo(type).dup(), true, none).dup('c');
      Pair<Gradient, INDArray> back = layer.backpropGradient(epsilon.castTo(type).dup(), none);
      return new Run(output, back.getSecond().dup('c'), gradients, layer);
    }
  }

  private static double step(Run run, TensorRole role) {
    return Math.scalb(1.0, ((Dfp16Impl) run.layer()).numerics().get(role).exponent());
  }

  private static double amax(INDArray x) {
    return x.amaxNumber().doubleValue();
  }

  private static double bound(double k, double a, double da, double b, double db) {
    return k * (a * db + b * da + da * db);
  }

  private static void assertClose(String what, INDArray expected, INDArray actual, double bound) {
    double worst = amax(actual.castTo(DataType.DOUBLE).sub(expected));
    double limit = bound + FP32 * (1 + amax(expected));
    assertTrue(worst <= limit, what + ": off by " + worst + ", bound " + limit);
    assertTrue(limit < 0.2 * amax(expected), what + ": the bound " + limit + " tests nothing");
  }

  /** Compares all outputs of the layer; {@code k} products make an element of each. */
  private static void check(
      FeedForwardLayer conf, Smooth smooth, INDArray src, INDArray epsilon, int[] k) {
    long count = conf.initializer().numParams(conf);
    INDArray params = random(new Random(Nets.SEED + 1), 1, count).muli(0.2);
    Run exact = Run.of(conf, params, src, epsilon, DataType.DOUBLE);
    Run dfp = Run.of(Dfp16.layer(conf), params, src, epsilon, DataType.FLOAT);
    double weights = amax(params);
    double dSrc = step(dfp, TensorRole.SRC);
    double dWeights = step(dfp, TensorRole.WEIGHTS);
    double dz = bound(k[0], amax(src), dSrc, weights, dWeights);
    assertClose("output", exact.output(), dfp.output(), smooth.slope * dz);

    double delta = smooth.slope * amax(epsilon);
    double dDelta = smooth.curvature * dz * amax(epsilon) + step(dfp, TensorRole.DIFF_DST);
    assertClose(
        "diffSrc", exact.diffSrc(), dfp.diffSrc(), bound(k[1], delta, dDelta, weights, dWeights));
    assertClose(
        "gradients",
        exact.gradients(),
        dfp.gradients(),
        bound(k[2], amax(src), dSrc, delta, dDelta) + k[2] * (dDelta + delta * FP32));
  }

  @ParameterizedTest
  @CsvSource({
    "Same,     3, 1, 1, NCHW, true,  IDENTITY",
    "Same,     2, 2, 1, NHWC, false, IDENTITY",
    "Truncate, 3, 2, 2, NCHW, false, TANH",
    "Truncate, 3, 2, 1, NHWC, true,  SIGMOID",
    "Strict,   3, 1, 1, NCHW, true,  SOFTPLUS",
    "Strict,   1, 1, 1, NHWC, true,  IDENTITY",
  })
  void convolutionIsWithinTheBound(
      ConvolutionMode mode,
      int kernel,
      int stride,
      int dilation,
      CNN2DFormat format,
      boolean bias,
      Smooth smooth) {
    ConvolutionLayer conf = convolution(mode, kernel, stride, dilation, format, bias, smooth);
    int mb = 2;
    boolean nchw = format == CNN2DFormat.NCHW;
    Random random = new Random(Nets.SEED);
    INDArray src = nchw ? random(random, mb, 3, 7, 9) : random(random, mb, 7, 9, 3);
    INDArray epsilon =
        random(
            random,
            Run.of(conf, params(conf), src, zeros(conf, src), DataType.DOUBLE).output().shape());
    int pixels = Math.toIntExact(epsilon.length() / 4);
    check(conf, smooth, src, epsilon, new int[] {3 * kernel * kernel, 4 * kernel * kernel, pixels});
  }

  private static INDArray params(FeedForwardLayer conf) {
    return Nd4j.zeros(DataType.FLOAT, 1, conf.initializer().numParams(conf));
  }

  private static INDArray zeros(ConvolutionLayer conf, INDArray src) {
    Layer layer =
        instantiate(
            conf, params(conf), Nd4j.create(DataType.FLOAT, params(conf).shape()), DataType.FLOAT);
    return Nd4j.zeros(
        DataType.FLOAT, layer.activate(src.dup(), false, LayerWorkspaceMgr.noWorkspaces()).shape());
  }

  private static ConvolutionLayer convolution(
      ConvolutionMode mode,
      int kernel,
      int stride,
      int dilation,
      CNN2DFormat format,
      boolean bias,
      Smooth smooth) {
    return new ConvolutionLayer.Builder(kernel, kernel)
        .nIn(3)
        .nOut(4)
        .stride(stride, stride)
        .dilation(dilation, dilation)
        .convolutionMode(mode)
        .dataFormat(format)
        .hasBias(bias)
        .activation(smooth.activation)
        .name("conv")
        .build();
  }

  /** One weight tensor each, so that the bound above holds. */
  static Stream<Kinds.Case> kinds() {
    return Kinds.all().stream()
        .filter(
            kind ->
                Set.of(
                        "depthwise x1 Same k3 s1 p0 d1 NCHW",
                        "depthwise x2 Truncate k3 s2 p0 d1 NHWC",
                        "deconv Same k3 s2 p0 d1 NCHW",
                        "deconv Truncate k3 s1 p1 d1 NHWC",
                        "conv1d Causal k3 s1 p0 d1",
                        "conv3d Truncate k2 s2 p1 d1 NDHWC")
                    .contains(kind.name()));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void everyKindIsWithinTheBound(Kinds.Case kind) {
    Random random = new Random(Nets.SEED);
    INDArray src = random(random, kind.src());
    INDArray epsilon = random(random, Kinds.outputShape(kind));
    int[] kernel = kind.conf().getKernelSize();
    boolean sequence = kind.conf() instanceof Convolution1DLayer;
    int taps = sequence ? kernel[0] : Arrays.stream(kernel).reduce(1, (a, b) -> a * b);
    boolean depthwise = kind.conf() instanceof DepthwiseConvolution2D;
    int inputs = depthwise ? 1 : (int) kind.conf().getNIn();
    int outputs = (int) (kind.conf().getNOut() / (depthwise ? kind.conf().getNIn() : 1));
    int positions = (int) Math.max(src.length(), epsilon.length()) / 3;
    check(
        kind.conf(),
        Smooth.IDENTITY,
        src,
        epsilon,
        new int[] {inputs * taps, outputs * taps, positions});
  }

  @ParameterizedTest
  @CsvSource({"true, IDENTITY", "false, TANH", "true, SOFTPLUS"})
  void denseIsWithinTheBound(boolean bias, Smooth smooth) {
    DenseLayer conf =
        new DenseLayer.Builder()
            .nIn(11)
            .nOut(6)
            .hasBias(bias)
            .activation(smooth.activation)
            .name("dense")
            .build();
    Random random = new Random(Nets.SEED);
    check(conf, smooth, random(random, 5, 11), random(random, 5, 6), new int[] {11, 6, 5});
  }

  @Test
  void nhwcGivesTheBitsOfNchw() {
    Random random = new Random(Nets.SEED);
    INDArray src = random(random, 3, 3, 7, 9);
    INDArray epsilon = random(random, 3, 4, 7, 9);
    Run[] runs = new Run[2];
    for (CNN2DFormat format : new CNN2DFormat[] {CNN2DFormat.NCHW, CNN2DFormat.NHWC}) {
      boolean nchw = format == CNN2DFormat.NCHW;
      ConvolutionLayer conf =
          Dfp16.layer(convolution(ConvolutionMode.Same, 3, 1, 1, format, true, Smooth.TANH));
      INDArray params = random(new Random(Nets.SEED + 1), 1, conf.initializer().numParams(conf));
      runs[nchw ? 0 : 1] =
          Run.of(
              conf,
              params,
              nchw ? src : src.permute(0, 2, 3, 1),
              nchw ? epsilon : epsilon.permute(0, 2, 3, 1),
              DataType.FLOAT);
    }
    assertSameBits(runs[0].output(), nchw(runs[1].output()));
    assertSameBits(runs[0].diffSrc(), nchw(runs[1].diffSrc()));
    assertSameBits(runs[0].gradients(), runs[1].gradients());
  }

  private static void assertSameBits(INDArray expected, INDArray actual) {
    assertArrayEquals(expected.dup('c').data().asFloat(), actual.dup('c').data().asFloat());
  }

  private static INDArray nchw(INDArray x) {
    return x.permute(0, 3, 1, 2).dup('c');
  }
}
