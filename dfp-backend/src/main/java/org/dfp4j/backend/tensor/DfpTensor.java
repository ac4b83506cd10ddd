package org.dfp4j.backend.tensor;

import java.util.Arrays;

/**
 * An immutable DFP-16 tensor: int16 mantissas with one exponent for all of them.
 *
 * <pre>
 *   value[i] = I[i] · 2^E      -32767 &lt;= I[i] &lt;= 32767      -400 &lt;= E &lt;= 400
 * </pre>
 *
 * Quantized FP32 tensors have E from -163 to 115, down-converted products of two of them from -326
 * to 279. Elements are in C order.
 *
 * <p>A tensor of values among which one was NaN or infinite is <em>non-finite</em>: it has a shape
 * but neither mantissas nor exponent (asking for them is an {@link IllegalStateException}), all its
 * values are NaN, and every product and sum with it is non-finite too.
 */
public final class DfpTensor extends ScaledIntegers {

  /** The smallest exponent of a tensor. */
  public static final int MIN_EXPONENT = -400;

  /** The largest exponent of a tensor. */
  public static final int MAX_EXPONENT = 400;

  private final short[] mantissas;

  private DfpTensor(boolean finite, short[] mantissas, int exponent, long[] shape) {
    super(finite, exponent, shape);
    this.mantissas = mantissas;
  }

  /**
   * A tensor of the given mantissas.
   *
   * @param mantissas -32767 to 32767, in C order; copied
   * @param exponent -400 to 400
   * @param shape dimensions, each at least 1; none for a scalar
   */
  public static DfpTensor of(short[] mantissas, int exponent, long... shape) {
    Shapes.check("mantissas", mantissas.length, shape);
    short[] copy = mantissas.clone();
    for (int i = 0; i < copy.length; i++) {
      if (copy[i] == Short.MIN_VALUE) {
        throw new IllegalArgumentException(
            "mantissas[" + i + "]: expected -32767 to 32767, got " + copy[i]);
      }
    }
    return new DfpTensor(true, copy, exponent, shape);
  }

  /** The tensor that stands for values among which one was NaN or infinite. */
  public static DfpTensor nonFinite(long... shape) {
    return new DfpTensor(false, new short[0], NO_EXPONENT, shape);
  }

  /** The mantissa of an element of a finite tensor, by its index in C order. */
  public short mantissa(int index) {
    requireFinite();
    return mantissas[index];
  }

  /** A copy of the mantissas of a finite tensor, in C order. */
  public short[] mantissas() {
    requireFinite();
    return mantissas.clone();
  }

  @Override
  long integer(int index) {
    return mantissas[index];
  }

  /** The same numbers as an exact tensor of int64, the form in which sums are built. */
  public WideTensor widen() {
    if (!finite()) {
      return WideTensor.nonFinite(shape);
    }
    long[] integers = new long[mantissas.length];
    Arrays.setAll(integers, i -> mantissas[i]);
    return WideTensor.of(integers, exponent(), shape);
  }

  /** The exact product element by element: {@code I[i] = Ia[i] · Ib[i]}, {@code E = Ea + Eb}. */
  public WideTensor times(DfpTensor other) {
    Shapes.same(shape, other.shape);
    if (!finite() || !other.finite()) {
      return WideTensor.nonFinite(shape);
    }
    long[] products = new long[mantissas.length];
    Arrays.setAll(products, i -> (long) mantissas[i] * other.mantissas[i]);
    return WideTensor.of(products, exponent() + other.exponent(), shape);
  }

  /**
   * The exact inner product, a scalar: {@code S = Σ_i Ia[i] · Ib[i]}, {@code E = Ea + Eb}.
   *
   * <p>The sum does not overflow: fewer than 2^31 products of less than 2^30 each stay below 2^61.
   */
  public WideTensor dot(DfpTensor other) {
    Shapes.same(shape, other.shape);
    if (!finite() || !other.finite()) {
      return WideTensor.nonFinite();
    }
    long sum = 0;
    for (int i = 0; i < mantissas.length; i++) {
      sum += (long) mantissas[i] * other.mantissas[i];
    }
    return WideTensor.of(new long[] {sum}, exponent() + other.exponent());
  }

  /**
   * The aligned sum; see {@link WideTensor#plus}. {@link WideTensor#downConvert} makes it a DFP-16
   * tensor again.
   */
  public WideTensor plus(DfpTensor other, Rounding rounding, long seed) {
    return widen().plus(other.widen(), rounding, seed);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof DfpTensor that
        && sameFrame(that)
        && Arrays.equals(mantissas, that.mantissas);
  }

  @Override
  public int hashCode() {
    return 31 * frameHash() + Arrays.hashCode(mantissas);
  }
}
