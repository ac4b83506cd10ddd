package org.dfp4j.backend.fp32;

import java.util.Objects;

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

  /** Number of channels. */
  public int channels() {
    return shape.channels();
  }
}
