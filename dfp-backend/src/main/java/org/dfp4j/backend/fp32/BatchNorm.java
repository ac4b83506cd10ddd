package org.dfp4j.backend.fp32;

import java.util.Objects;
import org.dfp4j.backend.pointwise.ChannelAffine;

/**
 * A batch normalization: the shape of its tensors and what is added to the variance. A channel has
 * {@code m = outer·inner} elements.
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
 * @param shape of x, y and their gradients
 * @param eps added to the variance
 */
public record BatchNorm(ChannelShape shape, double eps) {

  public BatchNorm {
    Objects.requireNonNull(shape, "shape: expected one, got null");
    if (!(eps >= 0)) {
      throw new IllegalArgumentException("eps: expected >= 0, got " + eps);
    }
  }

  /**
   * What the normalization does to each element once the statistics are known.
   *
   * @param gamma of each channel
   * @param beta of each channel; held, not copied
   */
  public ChannelAffine affine(ChannelStatistics statistics, float[] gamma, float[] beta) {
    float[] scale = new float[gamma.length];
    for (int c = 0; c < scale.length; c++) {
      scale[c] = (float) (gamma[c] * inverseDeviation(statistics, c));
    }
    return new ChannelAffine(statistics.mean(), scale, beta);
  }

  double inverseDeviation(ChannelStatistics statistics, int channel) {
    return 1 / Math.sqrt(statistics.variance()[channel] + eps);
  }

  /** Number of channels. */
  public int channels() {
    return shape.channels();
  }
}
