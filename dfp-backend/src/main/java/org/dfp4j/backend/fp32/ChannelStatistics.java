package org.dfp4j.backend.fp32;

/** Mean and variance of each channel. The arrays are held, not copied. */
public final class ChannelStatistics {

  private final float[] mean;
  private final float[] variance;

  /** Of as many channels as the arrays are long. */
  public ChannelStatistics(float[] mean, float[] variance) {
    if (mean.length != variance.length) {
      throw new IllegalArgumentException(
          "variance: expected " + mean.length + " values, got " + variance.length);
    }
    this.mean = mean;
    this.variance = variance;
  }

  /** To be filled. */
  ChannelStatistics(int channels) {
    this(new float[channels], new float[channels]);
  }

  /** Mean of each channel. */
  public float[] mean() {
    return mean;
  }

  /** Mean squared deviation of each channel. */
  public float[] variance() {
    return variance;
  }
}
