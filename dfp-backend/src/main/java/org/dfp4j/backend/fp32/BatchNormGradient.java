package org.dfp4j.backend.fp32;

/**
 * What the backward pass of a {@link BatchNorm} finds, beside the gradient by its input, {@code
 * diffSrc}, that it writes. Whoever reads that gradient next need not read it once more to know its
 * largest magnitude and the sums of its channels. The arrays are held, not copied.
 */
public final class BatchNormGradient {

  private final float[] gamma;
  private final float[] beta;
  private final float amax;
  private final float[] sums;

  BatchNormGradient(float[] gamma, float[] beta, float amax, float[] sums) {
    this.gamma = gamma;
    this.beta = beta;
    this.amax = amax;
    this.sums = sums;
  }

  /** {@code diffGamma} of each channel. */
  public float[] gamma() {
    return gamma;
  }

  /** {@code diffBeta} of each channel. */
  public float[] beta() {
    return beta;
  }

  /** The largest {@code |diffSrc|}; NaN or infinite where a value is. */
  public float amax() {
    return amax;
  }

  /**
   * The sum of {@code diffSrc} over each channel, as of {@link Fp32Kernels#channelSums}; null where
   * nobody wanted them.
   */
  public float[] sums() {
    return sums;
  }
}
