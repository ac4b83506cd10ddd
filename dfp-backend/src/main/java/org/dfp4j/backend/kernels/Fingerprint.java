package org.dfp4j.backend.kernels;

/** A 64-bit hash of FP32 values, bit for bit: tells whether weights have changed. */
final class Fingerprint {

  private static final long MULTIPLIER = 0x9E3779B97F4A7C15L;
  private static final int ROTATION = 29;

  private Fingerprint() {}

  /**
   * {@code h = (rotate(h, 29) ^ bits(x)) · odd}, over all values. Each step is a bijection of h, so
   * that a change of one value always changes the result.
   */
  static long of(float[] values) {
    long hash = values.length;
    for (float value : values) {
      long bits = Float.floatToRawIntBits(value) & 0xFFFFFFFFL;
      hash = (Long.rotateLeft(hash, ROTATION) ^ bits) * MULTIPLIER;
    }
    return hash;
  }
}
