package org.dfp4j.backend.pointwise;

/**
 * Shifts and scales each channel, {@code (x - mean[c]) · scale[c] + offset[c]}: what a batch
 * normalization does once its statistics are known. The arrays are held, not copied.
 */
public final class ChannelAffine {

  private final float[] mean;
  private final float[] scale;
  private final float[] offset;

  /** Of as many channels as each array is long. */
  public ChannelAffine(float[] mean, float[] scale, float[] offset) {
    checkLength("scale", mean.length, scale);
    checkLength("offset", mean.length, offset);
    this.mean = mean;
    this.scale = scale;
    this.offset = offset;
  }

  private static void checkLength(String argument, int channels, float[] values) {
    if (values.length != channels) {
      throw new IllegalArgumentException(
          argument + ": expected " + channels + " values, got " + values.length);
    }
  }

  /** Number of channels. */
  public int channels() {
    return mean.length;
  }

  /** What is subtracted from each channel. */
  public float[] mean() {
    return mean;
  }

  /** What each channel is multiplied by. */
  public float[] scale() {
    return scale;
  }

  /** What is added to each channel. */
  public float[] offset() {
    return offset;
  }

  float value(int channel, float x) {
    return (x - mean[channel]) * scale[channel] + offset[channel];
  }
}
