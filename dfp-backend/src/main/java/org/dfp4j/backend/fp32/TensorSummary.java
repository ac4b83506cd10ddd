package org.dfp4j.backend.fp32;

/**
 * What a kernel found of a tensor {@code [mb, channels, ...]} while it computed it: whoever reads
 * the tensor next need not read it once more to know this.
 */
public final class TensorSummary {

  private final float amax;
  private final float[] sums;

  TensorSummary(float amax, float[] sums) {
    this.amax = amax;
    this.sums = sums;
  }

  /** The largest magnitude; NaN or infinite where a value is. */
  public float amax() {
    return amax;
  }

  /**
   * The sum of each channel, as of {@link Fp32Kernels#channelSums}; held, not copied. Null where
   * nobody wanted them.
   */
  public float[] sums() {
    return sums;
  }
}
