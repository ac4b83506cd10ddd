package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.layers.conf.Fp32Layers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.ops.transforms.Transforms;

/**
 * Batch normalization against DL4J's own layer in FP64.
 *
 * <p>Bounds: a rounding to FP32 changes a value by at most {@code u = 2^-24} of it. The mean is
 * rounded once, the variance, the scale and each of three operations once, so that with {@code x̂ =
 * (x - mean) / std}
 *
 * <pre>
 *   |y - y'| ≤ u · (|gamma·mean| / std + 5·|gamma·x̂| + |y|)
 * </pre>
 *
 * <p>and alike for the gradients. FP64 sums of m terms are off by less than {@code m·2^-53} of the
 * sum of their sizes, which for these tensors is below u. Maxima over the tensor stand for the
 * sizes, and a factor of 2 for the terms of second order.
 */
class Fp32BatchNormTest {

  private static final double U = Math.scalb(1.0, -24);

  /** What a forward and a backward pass give. */
  private record Run(INDArray output, INDArray diffSrc, Map<String, INDArray> gradients) {}

  private static INDArray random(Random random, double scale, double offset, long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.putScalar(i, (float) (random.nextGaussian() * scale + offset));
    }
    return x;
  }

  private static BatchNormalization conf(
      CNN2DFormat format,
      long channels,
      double eps,
      double decay,
      boolean logStd,
      boolean lock,
      double gamma,
      double beta) {
    return new BatchNormalization.Builder()
        .nIn(channels)
        .nOut(channels)
        .eps(eps)
        .decay(decay)
        .useLogStd(logStd)
        .lockGammaBeta(lock)
        .gamma(gamma)
        .beta(beta)
        .dataFormat(format)
        .name("bn")
        .build();
  }

  private static Layer layer(
      org.deeplearning4j.nn.conf.layers.Layer conf, INDArray params, DataType type) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(conf);
    Layer layer = conf.instantiate(holder, null, 0, params.castTo(type).dup(), false, type);
    layer.setBackpropGradientsViewArray(Nd4j.create(type, params.shape()));
    return layer;
  }

  private static Run run(Layer layer, INDArray x, INDArray epsilon, DataType type, boolean train) {
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray output = layer.activate(x.castTo(type), train, none).dup('c');
    Pair<Gradient, INDArray> back = layer.backpropGradient(epsilon.castTo(type), none);
    return new Run(output, back.getSecond().dup('c'), back.getFirst().gradientForVariable());
  }

  private static double amax(INDArray x) {
    return x.amaxNumber().doubleValue();
  }

  private static void assertClose(String what, INDArray expected, INDArray actual, double bound) {
    assertArrayEquals(expected.shape(), actual.shape(), what);
    double worst = amax(actual.castTo(DataType.DOUBLE).sub(expected));
    assertTrue(worst <= bound, what + ": off by " + worst + ", bound " + bound);
    double size = amax(expected);
    assertTrue(bound <= 1e-3 * Math.max(size, 1), what + ": the bound " + bound + " tests nothing");
  }

  /** Random parameters; the running variance, or its logarithm, is one that can be. */
  private static INDArray params(BatchNormalization conf) {
    Random random = new Random(Nets.SEED + 1);
    long count = conf.initializer().numParams(conf);
    return random(random, 0.2, 0.9, 1, count);
  }

  @ParameterizedTest
  @CsvFileSource(resources = "/shapes/batchnorm.csv", numLinesToSkip = 1)
  void isCloseToStock(
      String name,
      CNN2DFormat format,
      int mb,
      int c,
      int h,
      int w,
      double eps,
      double decay,
      boolean logStd,
      boolean lock,
      double gamma,
      double beta) {
    BatchNormalization conf = conf(format, c, eps, decay, logStd, lock, gamma, beta);
    long[] matrix = {mb, c};
    long[] image = format == CNN2DFormat.NCHW ? new long[] {mb, c, h, w} : new long[] {mb, h, w, c};
    long[] shape = h == 0 ? matrix : image;
    Random random = new Random(Nets.SEED);
    INDArray x = random(random, 1.5, 0.7, shape);
    INDArray epsilon = random(random, 0.3, 0.1, shape);
    INDArray params = params(conf);
    for (boolean train : new boolean[] {true, false}) {
      Run exact = run(layer(conf, params, DataType.DOUBLE), x, epsilon, DataType.DOUBLE, train);
      Layer fp32 = layer(Fp32Layers.swap(conf), params, DataType.FLOAT);
      Run actual = run(fp32, x, epsilon, DataType.FLOAT, train);
      String what = name + (train ? ", training" : ", inference");
      compare(what, conf, params, train, x, epsilon, exact, actual);
    }
  }

  private static void compare(
      String name,
      BatchNormalization conf,
      INDArray params,
      boolean train,
      INDArray x,
      INDArray epsilon,
      Run exact,
      Run actual) {
    // All that follows is [channels, m], or [channels, 1].
    INDArray values = byChannel(conf, x);
    INDArray delta = byChannel(conf, epsilon);
    long m = values.size(1);
    INDArray batchMean = values.mean(true, 1);
    INDArray batchVariance = values.var(false, 1).reshape(-1, 1);
    Layer running = layer(conf, params, DataType.DOUBLE);
    INDArray mean = train ? batchMean : running.getParam("mean").reshape(-1, 1);
    INDArray variance = train ? batchVariance : runningVariance(conf, running);
    double deviation = Math.sqrt(variance.minNumber().doubleValue() + conf.getEps());
    double gamma =
        conf.isLockGammaBeta() ? Math.max(1, conf.getGamma()) : amax(running.getParam("gamma"));
    double a = gamma / deviation;
    double centred = amax(values.subColumnVector(mean));
    assertClose(
        name + ": output",
        exact.output(),
        actual.output(),
        2 * U * (a * (amax(mean) + 5 * centred) + amax(exact.output())));

    double sum = amax(delta.sum(1));
    double product = amax(delta.mul(values.subColumnVector(mean)).sum(1));
    double k = a * product / (m * deviation * deviation);
    double fromBatch = amax(values.subColumnVector(batchMean)) + amax(batchMean);
    assertClose(
        name + ": diffSrc",
        exact.diffSrc(),
        actual.diffSrc(),
        2 * 6 * U * (a * amax(epsilon) + k * fromBatch + a * sum / m));
    assertEquals(
        conf.isLockGammaBeta() ? 2 : 4, actual.gradients().size(), "gradients by parameter");
    actual
        .gradients()
        .forEach(
            (key, value) -> {
              INDArray expected = exact.gradients().get(key);
              double size =
                  switch (key) {
                    case "gamma" -> (product + amax(mean) * sum) / deviation;
                    case "beta" -> sum;
                    case "mean" -> amax(batchMean) + amax(expected);
                    case "var" -> amax(batchVariance) + amax(expected);
                    // A logarithm changes by what its argument changes, relatively.
                    default -> 1 + amax(expected);
                  };
              assertClose(name + ": " + key, expected, value, 2 * 2 * U * size);
            });
  }

  private static INDArray byChannel(BatchNormalization conf, INDArray x) {
    boolean last = x.rank() == 4 && conf.getCnn2DFormat() == CNN2DFormat.NHWC;
    INDArray nchw = last ? x.permute(0, 3, 1, 2) : x;
    INDArray first = x.rank() == 2 ? nchw.transpose() : nchw.permute(1, 0, 2, 3);
    return first.castTo(DataType.DOUBLE).dup('c').reshape('c', conf.getNOut(), -1);
  }

  private static INDArray runningVariance(BatchNormalization conf, Layer layer) {
    INDArray variance =
        conf.isUseLogStd()
            ? Transforms.exp(layer.getParam("log10stdev").mul(2 * Math.log(10)))
            : layer.getParam("var");
    return variance.reshape(-1, 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"NCHW", "NHWC"})
  void viewsGiveTheBitsOfCopies(CNN2DFormat format) {
    BatchNormalization conf = conf(format, 6, 1e-5, 0.9, true, false, 1, 0);
    INDArray params = params(conf);
    Random random = new Random(Nets.SEED);
    int axis = format == CNN2DFormat.NCHW ? 1 : 3;
    long[] wide = {4, 7, 7, 7};
    wide[axis] = 6;
    INDArray x = view(random(random, 1, 0.5, wide));
    INDArray epsilon = view(random(random, 1, 0, wide));
    Run copies =
        run(
            layer(Fp32Layers.swap(conf), params, DataType.FLOAT),
            x.dup('c'),
            epsilon.dup('c'),
            DataType.FLOAT,
            true);
    Run views =
        run(layer(Fp32Layers.swap(conf), params, DataType.FLOAT), x, epsilon, DataType.FLOAT, true);
    Run mixed =
        run(
            layer(Fp32Layers.swap(conf), params, DataType.FLOAT),
            x.dup('f'),
            epsilon.dup('c'),
            DataType.FLOAT,
            true);
    for (Run other : new Run[] {views, mixed}) {
      assertSameBits(copies.output(), other.output());
      assertSameBits(copies.diffSrc(), other.diffSrc());
      assertEquals(copies.gradients().keySet(), other.gradients().keySet());
      copies
          .gradients()
          .forEach((name, gradient) -> assertSameBits(gradient, other.gradients().get(name), name));
    }
  }

  /** The same values with gaps. */
  private static INDArray view(INDArray x) {
    long[] larger = x.shape().clone();
    for (int i = 0; i < larger.length; i++) {
      larger[i] += 2;
    }
    INDArray memory = Nd4j.valueArrayOf(larger, Double.NaN, DataType.FLOAT);
    INDArray view =
        memory.get(
            NDArrayIndex.interval(1, 1 + x.size(0)),
            NDArrayIndex.interval(1, 1 + x.size(1)),
            NDArrayIndex.interval(1, 1 + x.size(2)),
            NDArrayIndex.interval(1, 1 + x.size(3)));
    return view.assign(x);
  }

  @Test
  void badNumbersStayInTheirChannel() {
    BatchNormalization conf = conf(CNN2DFormat.NCHW, 4, 1e-5, 0.9, true, false, 1, 0);
    INDArray x = random(new Random(Nets.SEED), 1, 0, 2, 4, 3, 3);
    x.putScalar(new int[] {1, 0, 2, 2}, Float.NaN);
    x.putScalar(new int[] {0, 2, 0, 1}, Float.POSITIVE_INFINITY);
    INDArray epsilon = random(new Random(Nets.SEED + 2), 1, 0, 2, 4, 3, 3);
    epsilon.putScalar(new int[] {0, 3, 0, 0}, Float.NaN);
    Run stock = run(layer(conf, params(conf), DataType.FLOAT), x, epsilon, DataType.FLOAT, true);
    Run ours =
        run(
            layer(Fp32Layers.swap(conf), params(conf), DataType.FLOAT),
            x,
            epsilon,
            DataType.FLOAT,
            true);
    assertEquals(stock.output().isNaN(), ours.output().isNaN());
    assertEquals(stock.diffSrc().isNaN(), ours.diffSrc().isNaN());
    stock
        .gradients()
        .forEach(
            (key, value) -> assertEquals(value.isNaN(), ours.gradients().get(key).isNaN(), key));
    assertEquals(2 * 9 * 2, ours.output().isNaN().castTo(DataType.INT32).sumNumber().intValue());
  }

  @Test
  void aWrongNumberOfChannelsIsAnError() {
    BatchNormalization conf = conf(CNN2DFormat.NCHW, 4, 1e-5, 0.9, true, false, 1, 0);
    Layer layer = layer(Fp32Layers.swap(conf), params(conf), DataType.FLOAT);
    INDArray x = Nd4j.create(DataType.FLOAT, 2, 3, 4, 4);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> layer.activate(x, true, LayerWorkspaceMgr.noWorkspaces()));
    assertEquals(
        "input: expected 4 channels along axis 1, got shape [2, 3, 4, 4] (layer bn)",
        e.getMessage());
  }
}
