package org.dfp4j.backend.tensor;

import java.util.Arrays;

/**
 * An immutable tensor of int64 with one exponent for all of them: exact products and sums of {@link
 * DfpTensor}s, before they are rounded.
 *
 * <pre>
 *   value[i] = I[i] · 2^E      -400 &lt;= E &lt;= 400
 * </pre>
 *
 * Elements are in C order. A non-finite tensor is as in {@link DfpTensor}.
 */
public final class WideTensor extends ScaledIntegers {

  private final long[] integers;

  private WideTensor(boolean finite, long[] integers, int exponent, long[] shape) {
    super(finite, exponent, shape);
    this.integers = integers;
  }

  /**
   * A tensor of the given integers.
   *
   * @param integers in C order; copied
   * @param exponent -400 to 400
   * @param shape dimensions, each at least 1; none for a scalar
   */
  public static WideTensor of(long[] integers, int exponent, long... shape) {
    Shapes.check("integers", integers.length, shape);
    return new WideTensor(true, integers.clone(), exponent, shape);
  }

  /** As {@link #of(long[], int, long...)}, from int32. */
  public static WideTensor of(int[] integers, int exponent, long... shape) {
    return of(Arrays.stream(integers).asLongStream().toArray(), exponent, shape);
  }

  /** The tensor that stands for values among which one was NaN or infinite. */
  public static WideTensor nonFinite(long... shape) {
    return new WideTensor(false, new long[0], NO_EXPONENT, shape);
  }

  /** The integer of an element of a finite tensor, by its index in C order. */
  @Override
  public long integer(int index) {
    requireFinite();
    return integers[index];
  }

  /** A copy of the integers of a finite tensor, in C order. */
  public long[] integers() {
    requireFinite();
    return integers.clone();
  }

  /**
   * The aligned sum. The operand with the smaller exponent is shifted right to the larger one; the
   * sum itself is exact.
   *
   * <pre>
   *   E    = max(Ea, Eb)
   *   I[i] = round(Ia[i] · 2^(Ea-E)) + round(Ib[i] · 2^(Eb-E))
   * </pre>
   *
   * @param rounding of what is shifted out
   * @param seed of {@link Rounding#STOCHASTIC}; ignored by the other modes
   * @throws ArithmeticException where a sum does not fit an int64; sums of two widened DFP-16
   *     tensors always do
   */
  public WideTensor plus(WideTensor other, Rounding rounding, long seed) {
    Shapes.same(shape, other.shape);
    if (!finite() || !other.finite()) {
      return nonFinite(shape);
    }
    int common = Math.max(exponent(), other.exponent());
    long[] sums = new long[integers.length];
    for (int i = 0; i < sums.length; i++) {
      long a = rounding.shiftRight(integers[i], common - exponent(), seed, i);
      long b = rounding.shiftRight(other.integers[i], common - other.exponent(), seed, i);
      long sum = a + b;
      if (((a ^ sum) & (b ^ sum)) < 0) {
        throw new ArithmeticException("sum[" + i + "]: expected an int64, got " + a + " + " + b);
      }
      sums[i] = sum;
    }
    return of(sums, common, shape);
  }

  /**
   * Rounds to int16 mantissas.
   *
   * <pre>
   *   Rs   = max(0, bitlength(max_i |I[i]|) - 15 + headroom)
   *   J[i] = clamp(round(I[i] · 2^-Rs), -limit, +limit)      limit = 32767 >> headroom
   *   E'   = E + Rs
   * </pre>
   *
   * The top of the binade saturates: 65535 has Rs = 1 and rounds to 32768, which becomes 32767.
   * Integers that fit already keep their exponent.
   */
  public DfpTensor downConvert(Quantizer quantizer) {
    if (!finite()) {
      return DfpTensor.nonFinite(shape);
    }
    int bits = Quantizer.MAGNITUDE_BITS - quantizer.headroom();
    int shift = Math.max(0, bitLength() - bits);
    long limit = quantizer.limit();
    short[] mantissas = new short[integers.length];
    for (int i = 0; i < mantissas.length; i++) {
      long rounded = quantizer.rounding().shiftRight(integers[i], shift, quantizer.seed(), i);
      mantissas[i] = (short) Math.max(-limit, Math.min(limit, rounded));
    }
    return DfpTensor.of(mantissas, exponent() + shift, shape);
  }

  /** {@code bitlength(max_i |I[i]|)}, 0 to 64; that of the bitwise or is the same. */
  private int bitLength() {
    long union = 0;
    for (long integer : integers) {
      union |= Math.abs(integer); // -2^63 gives 2^63, read as unsigned
    }
    return Long.SIZE - Long.numberOfLeadingZeros(union);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof WideTensor that
        && sameFrame(that)
        && Arrays.equals(integers, that.integers);
  }

  @Override
  public int hashCode() {
    return 31 * frameHash() + Arrays.hashCode(integers);
  }
}
