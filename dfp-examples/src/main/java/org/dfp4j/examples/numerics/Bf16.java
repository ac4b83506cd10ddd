package org.dfp4j.examples.numerics;

/** BF16: the upper half of an FP32 number, 8 significant bits. */
final class Bf16 {

  private static final int DROPPED_BITS = 16;
  private static final int HALF = 1 << (DROPPED_BITS - 1);
  private static final int MASK = -1 << DROPPED_BITS;

  private Bf16() {}

  /** The nearest BF16 number, ties to even; NaN and infinities stay. */
  static float round(float x) {
    if (!Float.isFinite(x)) {
      return x;
    }
    int bits = Float.floatToRawIntBits(x);
    int lastKept = (bits >>> DROPPED_BITS) & 1;
    return Float.intBitsToFloat((bits + HALF - 1 + lastKept) & MASK);
  }

  /** The nearest BF16 numbers. */
  static float[] round(float[] values) {
    float[] rounded = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      rounded[i] = round(values[i]);
    }
    return rounded;
  }
}
