package org.dfp4j.backend.tensor;

/** Exact integers times a power of two, rounded to FP32 once. */
public final class ExactFloat {

  private static final int DOUBLE_BITS = 53;

  /**
   * Beyond this exponent, either way, the result no longer changes: 2^63 · 2^-400 is below half of
   * the smallest float and 1 · 2^400 is above the largest, while a double holds both.
   */
  private static final int LAST_EXPONENT = 400;

  private ExactFloat() {}

  /**
   * {@code float_round(2^exponent · sum)}: the float nearest to the exact value, ties to even, with
   * one rounding. Subnormal results are rounded on their coarser grid; values from 2^128 - 2^103 on
   * become infinite, as in IEEE 754. A sum of 0 gives +0, a negative one that underflows gives -0.
   *
   * <p>Why one rounding: a sum of more than 53 bits is first cut to 53 with the last bit set where
   * a one was dropped. Of those bits a float keeps at most 24, so that the cut bits decide nothing
   * but whether the rest is more than zero, and the set bit says so.
   *
   * @param sum any integer
   * @param exponent any; with two operands the sum of their exponents
   */
  public static float scaled(long sum, int exponent) {
    long magnitude = Math.abs(sum); // -2^63 gives 2^63, read as unsigned from here on
    int length = Long.SIZE - Long.numberOfLeadingZeros(magnitude);
    int dropped = Math.max(0, length - DOUBLE_BITS);
    double head = (double) Rounding.shiftSticky(magnitude, dropped);
    int clamped = Math.max(-LAST_EXPONENT, Math.min(LAST_EXPONENT, exponent));
    double exact = Math.scalb(head, clamped + dropped);
    return (float) (sum < 0 ? -exact : exact);
  }
}
