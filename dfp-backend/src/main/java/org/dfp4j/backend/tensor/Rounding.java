package org.dfp4j.backend.tensor;

/**
 * How a number becomes an integer. Every mode rounds the magnitude and then restores the sign:
 *
 * <pre>
 *   m = floor(|y|)     f = |y| - m     round(y) = sign(y) · (m + 1 if up, else m)
 *
 *   NEAREST_EVEN   up if f &gt; 1/2, or f = 1/2 and m is odd
 *   STOCHASTIC     up if f &gt; t
 *   NEAREST_AWAY   up if f &gt;= 1/2
 *   TRUNCATE       never up
 * </pre>
 *
 * The threshold {@code t} is the top 24 bits of a 64-bit random number {@code r}, a fraction in
 * {@code [0, 1)}. {@code r} is element {@code index} of the SplitMix64 sequence of {@code seed};
 * all integers wrap at 64 bits and {@code >>>} shifts zeros in:
 *
 * <pre>
 *   z = seed + (index + 1) · 0x9E3779B97F4A7C15
 *   z = (z ^ (z &gt;&gt;&gt; 30)) · 0xBF58476D1CE4E5B9
 *   z = (z ^ (z &gt;&gt;&gt; 27)) · 0x94D049BB133111EB
 *   r =  z ^ (z &gt;&gt;&gt; 31)
 *   t = (r &gt;&gt;&gt; 40) · 2^-24
 * </pre>
 *
 * so that an up has the probability {@code ceil(f · 2^24) · 2^-24}: exactly {@code f} where {@code
 * f} is a multiple of 2^-24, as for every float of 1 and above, and less than 2^-24 more elsewhere.
 * Integers stay as they are in every mode.
 */
public enum Rounding {
  /** To the nearest integer, ties to the even one (IEEE 754 roundTiesToEven). The default. */
  NEAREST_EVEN,
  /**
   * Up in magnitude with probability {@code frac(|y|)}, down otherwise: unbiased. The random number
   * is a function of the seed and the element's index alone, so every implementation, instruction
   * set and thread count draws the same bit.
   */
  STOCHASTIC,
  /** To the nearest integer, ties away from zero. A legacy mode, for comparison. */
  NEAREST_AWAY,
  /** Towards zero. A legacy mode, for comparison. */
  TRUNCATE;

  private static final int THRESHOLD_BITS = 24;

  /** Longest shift that is done in one step: the discarded bits and a sticky bit fit a long. */
  private static final int MAX_SHIFT = 62;

  /**
   * Rounds a float to an integer; magnitudes of 2^31 and above saturate at 2^31 - 1.
   *
   * @param y any number but NaN
   * @param seed of {@link #STOCHASTIC}; ignored by the other modes
   * @param index of the element, for {@link #STOCHASTIC}; ignored by the other modes
   */
  public int round(float y, long seed, long index) {
    if (Float.isNaN(y)) {
      throw new IllegalArgumentException("y: expected a number, got NaN");
    }
    float magnitude = Math.abs(y);
    int whole = (int) magnitude;
    // Exact: the floats of 2^24 and above are integers, and below both terms share an exponent
    // grid.
    // A fraction exists below 2^23 only, so that whole + 1 does not overflow.
    float fraction = magnitude < 0x1p24f ? magnitude - whole : 0;
    boolean up =
        switch (this) {
          case NEAREST_EVEN -> fraction > 0.5f || (fraction == 0.5f && (whole & 1) == 1);
          case STOCHASTIC -> fraction > threshold(seed, index) * 0x1p-24f;
          case NEAREST_AWAY -> fraction >= 0.5f;
          case TRUNCATE -> false;
        };
    int rounded = up ? whole + 1 : whole;
    return y < 0 ? -rounded : rounded;
  }

  /**
   * {@code round(value · 2^-shift)}, exact for every value and every shift.
   *
   * @param shift number of bits to drop, at least 0
   * @param seed of {@link #STOCHASTIC}; ignored by the other modes
   * @param index of the element, for {@link #STOCHASTIC}; ignored by the other modes
   */
  public long shiftRight(long value, int shift, long seed, long index) {
    if (shift < 0) {
      throw new IllegalArgumentException("shift: expected >= 0, got " + shift);
    }
    if (shift == 0) {
      return value;
    }
    long magnitude = Math.abs(value); // -2^63 gives 2^63, read as unsigned from here on
    int bits = shift;
    if (bits > MAX_SHIFT) {
      magnitude = shiftSticky(magnitude, bits - MAX_SHIFT);
      bits = MAX_SHIFT;
    }
    long whole = magnitude >>> bits;
    long fraction = magnitude & ((1L << bits) - 1); // of 2^bits
    long half = 1L << (bits - 1);
    boolean up =
        switch (this) {
          case NEAREST_EVEN -> fraction > half || (fraction == half && (whole & 1) == 1);
          case STOCHASTIC -> isAboveThreshold(fraction, bits, threshold(seed, index));
          case NEAREST_AWAY -> fraction >= half;
          case TRUNCATE -> false;
        };
    long rounded = up ? whole + 1 : whole;
    return value < 0 ? -rounded : rounded;
  }

  /**
   * {@code magnitude >>> bits} with the last bit set where a one was dropped. Comparisons with
   * multiples of the second-last bit come out as before.
   */
  static long shiftSticky(long magnitude, int bits) {
    if (bits >= Long.SIZE) {
      return magnitude == 0 ? 0 : 1;
    }
    long head = magnitude >>> bits;
    return head << bits == magnitude ? head : head | 1;
  }

  private static boolean isAboveThreshold(long fraction, int bits, int threshold) {
    return bits <= THRESHOLD_BITS
        ? fraction << (THRESHOLD_BITS - bits) > threshold
        : fraction > (long) threshold << (bits - THRESHOLD_BITS);
  }

  /** {@code t · 2^24}: 0 to 2^24 - 1. */
  private static int threshold(long seed, long index) {
    long z = seed + (index + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    z ^= z >>> 31;
    return (int) (z >>> (Long.SIZE - THRESHOLD_BITS));
  }
}
