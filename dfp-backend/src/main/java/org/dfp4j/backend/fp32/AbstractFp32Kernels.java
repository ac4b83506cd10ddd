package org.dfp4j.backend.fp32;

import java.util.Arrays;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.pointwise.ChannelAffine;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The part of {@link Fp32Kernels} that does not depend on how elements are computed: every argument
 * is checked here, and arrays with gaps or of another order are copied. What the abstract methods
 * get is dense in one order, C for batch norm, and of the right size.
 */
abstract class AbstractFp32Kernels implements Fp32Kernels {

  abstract void denseSums(ChannelShape shape, INDArray x, float[] written);

  abstract void denseStatistics(ChannelShape shape, INDArray x, ChannelStatistics written);

  abstract void denseTraining(
      BatchNorm norm,
      INDArray x,
      float[] gamma,
      float[] beta,
      INDArray y,
      ChannelStatistics written);

  abstract void denseInference(
      BatchNorm norm,
      INDArray x,
      ChannelStatistics statistics,
      float[] gamma,
      float[] beta,
      INDArray y);

  /**
   * Returns the largest {@code |diffSrc|}.
   *
   * @param sums of the channels of diffSrc, written; null: not wanted
   */
  abstract float denseBackward(
      BatchNorm norm,
      INDArray x,
      INDArray diffDst,
      Pointwise forward,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      INDArray diffSrc,
      float[] diffGamma,
      float[] diffBeta,
      float[] sums);

  /**
   * {@code y = f(a + b)}; b and f may be null.
   *
   * @param a without an activation, dense as b and y
   */
  abstract void denseSum(DeferredTensor a, DeferredTensor b, Rectifier f, INDArray y);

  abstract void denseActivation(Rectifier f, INDArray x, INDArray y);

  abstract void denseActivationBackward(
      Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc);

  /** Returns the largest {@code |diffSrc|}; sums may be null. */
  abstract float denseActivationGradient(
      Rectifier f,
      ChannelShape shape,
      INDArray x,
      INDArray diffDst,
      INDArray diffSrc,
      float[] sums);

  @Override
  public final ChannelStatistics statistics(ChannelShape shape, INDArray x) {
    checkInput(shape, x);
    ChannelStatistics statistics = new ChannelStatistics(shape.channels());
    try (DenseArray src = DenseArray.input(x, 'c')) {
      denseStatistics(shape, src.array(), statistics);
    }
    return statistics;
  }

  @Override
  public final ChannelStatistics batchNormTraining(
      BatchNorm norm, INDArray x, float[] gamma, float[] beta, INDArray y) {
    checkInput(norm, x);
    checkChannels("gamma", norm, gamma);
    checkChannels("beta", norm, beta);
    checkOutput("y", y, x);
    ChannelStatistics statistics = new ChannelStatistics(norm.channels());
    try (DenseArray src = DenseArray.input(x, 'c');
        DenseArray dst = DenseArray.output(y, 'c')) {
      denseTraining(norm, src.array(), gamma, beta, dst.array(), statistics);
    }
    return statistics;
  }

  @Override
  public final void batchNormInference(
      BatchNorm norm,
      INDArray x,
      ChannelStatistics statistics,
      float[] gamma,
      float[] beta,
      INDArray y) {
    checkInput(norm, x);
    checkStatistics("statistics", norm, statistics);
    checkChannels("gamma", norm, gamma);
    checkChannels("beta", norm, beta);
    checkOutput("y", y, x);
    try (DenseArray src = DenseArray.input(x, 'c');
        DenseArray dst = DenseArray.output(y, 'c')) {
      denseInference(norm, src.array(), statistics, gamma, beta, dst.array());
    }
  }

  @Override
  public final BatchNormGradient batchNormBackward(
      BatchNorm norm,
      INDArray x,
      INDArray diffDst,
      Pointwise forward,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      INDArray diffSrc,
      boolean withSums) {
    checkInput(norm, x);
    checkSameShape("diffDst", diffDst, x);
    checkForward(norm, forward);
    checkStatistics("used", norm, used);
    checkChannels("batchMean", norm, batchMean);
    checkChannels("gamma", norm, gamma);
    checkOutput("diffSrc", diffSrc, x);
    float[] diffGamma = new float[norm.channels()];
    float[] diffBeta = new float[norm.channels()];
    float[] sums = withSums ? new float[norm.channels()] : null;
    try (DenseArray src = DenseArray.input(x, 'c');
        DenseArray gradient = DenseArray.input(diffDst, 'c');
        DenseArray out = DenseArray.output(diffSrc, 'c')) {
      float amax =
          denseBackward(
              norm,
              src.array(),
              gradient.array(),
              forward,
              used,
              batchMean,
              gamma,
              out.array(),
              diffGamma,
              diffBeta,
              sums);
      return new BatchNormGradient(diffGamma, diffBeta, new TensorSummary(amax, sums));
    }
  }

  @Override
  public final void write(DeferredTensor a, INDArray y) {
    checkNotNull("a", "a tensor", a);
    sumOf(
        new DeferredTensor(a.x(), new Pointwise(a.function().affine(), null)),
        null,
        a.function().f(),
        y);
  }

  @Override
  public final void sum(DeferredTensor a, DeferredTensor b, Rectifier f, INDArray y) {
    checkTerm("a", a);
    checkTerm("b", b);
    checkSameShape("b", b.x(), a.x());
    sumOf(a, b, f, y);
  }

  private void sumOf(DeferredTensor a, DeferredTensor b, Rectifier f, INDArray y) {
    checkFloat("a", a.x());
    checkOutput("y", y, a.x());
    try (DenseArray first = DenseArray.input(a.x(), 'c');
        DenseArray second = b == null ? null : DenseArray.input(b.x(), 'c');
        DenseArray dst = DenseArray.output(y, 'c')) {
      denseSum(
          new DeferredTensor(first.array(), a.function()),
          b == null ? null : new DeferredTensor(second.array(), b.function()),
          f,
          dst.array());
    }
  }

  private static void checkTerm(String argument, DeferredTensor term) {
    checkNotNull(argument, "a tensor", term);
    if (term.function().f() != null) {
      throw new IllegalArgumentException(
          argument + ": expected a term without an activation, got " + term.function().f());
    }
  }

  /** Where an activation followed, what it was computed from must be known. */
  private static void checkForward(BatchNorm norm, Pointwise forward) {
    checkNotNull("forward", "what the forward pass computed", forward);
    ChannelAffine affine = forward.affine();
    if (forward.f() != null && (affine == null || affine.channels() != norm.channels())) {
      throw new IllegalArgumentException(
          "forward: expected a normalization of "
              + norm.channels()
              + " channels before "
              + forward.f()
              + ", got "
              + (affine == null ? "none" : affine.channels() + " channels"));
    }
  }

  @Override
  public final float[] channelSums(INDArray x) {
    ChannelShape shape = channels(x);
    float[] sums = new float[shape.channels()];
    try (DenseArray src = DenseArray.input(x, 'c')) {
      denseSums(shape, src.array(), sums);
    }
    return sums;
  }

  private static ChannelShape channels(INDArray x) {
    checkFloat("x", x);
    if (x.rank() < 2) {
      throw new IllegalArgumentException(
          "x: expected [mb, channels, ...], got shape " + Arrays.toString(x.shape()));
    }
    return ChannelShape.of(x.shape(), 1);
  }

  @Override
  public final void activation(Rectifier f, INDArray x, INDArray y) {
    checkNotNull("f", "an activation", f);
    checkFloat("x", x);
    checkOutput("y", y, x);
    char order = order(x, y);
    try (DenseArray src = DenseArray.input(x, order);
        DenseArray dst = DenseArray.output(y, order)) {
      denseActivation(f, src.array(), dst.array());
    }
  }

  @Override
  public final void activationBackward(
      Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc) {
    checkNotNull("f", "an activation", f);
    checkFloat("x", x);
    checkSameShape("diffDst", diffDst, x);
    checkOutput("diffSrc", diffSrc, x);
    char order = order(x, diffSrc);
    try (DenseArray src = DenseArray.input(x, order);
        DenseArray gradient = DenseArray.input(diffDst, order);
        DenseArray out = DenseArray.output(diffSrc, order)) {
      denseActivationBackward(f, src.array(), gradient.array(), out.array());
    }
  }

  @Override
  public final TensorSummary activationGradient(
      Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc, boolean withSums) {
    checkNotNull("f", "an activation", f);
    ChannelShape shape = channels(x);
    checkSameShape("diffDst", diffDst, x);
    checkOutput("diffSrc", diffSrc, x);
    float[] sums = withSums ? new float[shape.channels()] : null;
    try (DenseArray src = DenseArray.input(x, 'c');
        DenseArray gradient = DenseArray.input(diffDst, 'c');
        DenseArray out = DenseArray.output(diffSrc, 'c')) {
      float amax =
          denseActivationGradient(f, shape, src.array(), gradient.array(), out.array(), sums);
      return new TensorSummary(amax, sums);
    }
  }

  /** The order that saves a copy; the result is the same in either. */
  private static char order(INDArray x, INDArray y) {
    return FloatArrays.isDense(x, 'f') && FloatArrays.isDense(y, 'f') ? 'f' : 'c';
  }

  @Override
  public final String toString() {
    return name();
  }

  private static void checkInput(BatchNorm norm, INDArray x) {
    checkNotNull("norm", "a batch normalization", norm);
    checkInput(norm.shape(), x);
  }

  private static void checkInput(ChannelShape shape, INDArray x) {
    checkNotNull("shape", "the channels of x", shape);
    checkFloat("x", x);
    if (x.length() != shape.length()) {
      throw new IllegalArgumentException(
          "x: expected "
              + shape.length()
              + " elements ("
              + shape
              + "), got shape "
              + Arrays.toString(x.shape()));
    }
  }

  private static void checkStatistics(
      String argument, BatchNorm norm, ChannelStatistics statistics) {
    checkNotNull(argument, "mean and variance", statistics);
    checkChannels(argument, norm, statistics.mean());
  }

  private static void checkChannels(String argument, BatchNorm norm, float[] values) {
    checkNotNull(argument, norm.channels() + " values", values);
    if (values.length != norm.channels()) {
      throw new IllegalArgumentException(
          argument + ": expected " + norm.channels() + " values, got " + values.length);
    }
  }

  private static void checkOutput(String argument, INDArray y, INDArray x) {
    checkSameShape(argument, y, x);
    if (FloatArrays.repeatsElements(y)) {
      throw new IllegalArgumentException(
          argument
              + ": expected an array whose elements are distinct, got strides "
              + Arrays.toString(y.stride()));
    }
  }

  private static void checkSameShape(String argument, INDArray y, INDArray x) {
    checkFloat(argument, y);
    if (!Arrays.equals(x.shape(), y.shape())) {
      throw new IllegalArgumentException(
          argument
              + ": expected shape "
              + Arrays.toString(x.shape())
              + ", got "
              + Arrays.toString(y.shape()));
    }
  }

  private static void checkFloat(String argument, INDArray x) {
    checkNotNull(argument, "an array", x);
    if (x.wasClosed()) {
      throw new IllegalArgumentException(argument + ": expected an open array, got a closed one");
    }
    if (x.dataType() != DataType.FLOAT || x.isEmpty()) {
      throw new IllegalArgumentException(
          argument
              + ": expected elements of data type FLOAT, got "
              + (x.isEmpty() ? "an empty array" : x.dataType()));
    }
  }

  private static void checkNotNull(String argument, String expected, Object value) {
    if (value == null) {
      throw new IllegalArgumentException(argument + ": expected " + expected + ", got null");
    }
  }
}
