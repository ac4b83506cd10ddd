package org.dfp4j.backend.fp32;

import java.util.Arrays;

/**
 * A batch normalization: the shape of its tensors and what is added to the variance.
 *
 * <p>A tensor is {@code x[outer, channels, inner]} in C order: NCHW is {@code [mb, c, h·w]}, NHWC
 * {@code [mb·h·w, c, 1]} and a matrix {@code [mb, c, 1]}. A channel has {@code m = outer·inner}
 * elements.
 *
 * <pre>
 *   mean     = Σ x / m                        variance = max(0, Σ x² / m - (Σ x / m)²)
 *   y        = (x - mean) · a + beta          a        = gamma / sqrt(variance + eps)
 *
 *   diffBeta = Σ diffDst                      diffGamma = Σ diffDst·(x - mean) / sqrt(variance + eps)
 *   diffSrc  = a·diffDst + k·(x - batchMean) - a·diffBeta / m
 *                                             k = -a·diffGamma / (m·sqrt(variance + eps))
 * </pre>
 *
 * <p>{@code batchMean} is the mean of x, and {@code mean} and {@code variance} are what the forward
 * pass used: in training, the batch's own.
 *
 * @param outer elements along the axes before the channels
 * @param channels number of channels
 * @param inner elements along the axes after them
 * @param eps added to the variance
 */
public record BatchNorm(long outer, int channels, long inner, double eps) {

  public BatchNorm {
    atLeastOne("outer", outer);
    atLeastOne("channels", channels);
    atLeastOne("inner", inner);
    if (!(eps >= 0)) {
      throw new IllegalArgumentException("eps: expected >= 0, got " + eps);
    }
  }

  /**
   * Of a tensor.
   *
   * @param shape sizes, each at least 1
   * @param channelAxis the axis of the channels
   * @param eps added to the variance
   */
  public static BatchNorm of(long[] shape, int channelAxis, double eps) {
    if (channelAxis < 0 || channelAxis >= shape.length) {
      throw new IllegalArgumentException(
          "channelAxis: expected an axis of " + Arrays.toString(shape) + ", got " + channelAxis);
    }
    long outer = 1;
    long inner = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      if (axis < channelAxis) {
        outer = Math.multiplyExact(outer, shape[axis]);
      } else if (axis > channelAxis) {
        inner = Math.multiplyExact(inner, shape[axis]);
      }
    }
    return new BatchNorm(outer, Math.toIntExact(shape[channelAxis]), inner, eps);
  }

  /** Elements of a tensor. */
  public long length() {
    return Math.multiplyExact(elements(), channels);
  }

  /** Elements of a channel: m. */
  long elements() {
    return Math.multiplyExact(outer, inner);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected >= 1, got " + value);
    }
  }
}
