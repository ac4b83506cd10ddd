package org.dfp4j.backend.tensor;

import java.util.Arrays;

/** What tensors of integers with one exponent have in common. */
abstract sealed class ScaledIntegers permits DfpTensor, WideTensor {

  /** Of a non-finite tensor, which has none. */
  static final int NO_EXPONENT = 0;

  final long[] shape;
  private final int length;
  private final int exponent;
  private final boolean finite;

  /** Keeps a copy of the shape. */
  ScaledIntegers(boolean finite, int exponent, long[] shape) {
    this.shape = shape.clone();
    this.length = Shapes.length(this.shape);
    if (exponent < DfpTensor.MIN_EXPONENT || exponent > DfpTensor.MAX_EXPONENT) {
      throw new IllegalArgumentException(
          "exponent: expected "
              + DfpTensor.MIN_EXPONENT
              + " to "
              + DfpTensor.MAX_EXPONENT
              + ", got "
              + exponent);
    }
    this.exponent = exponent;
    this.finite = finite;
  }

  /** The integer of an element of a finite tensor. */
  abstract long integer(int index);

  /** False for a tensor of values among which one was NaN or infinite. */
  public final boolean finite() {
    return finite;
  }

  /** The shared exponent E of a finite tensor. */
  public final int exponent() {
    requireFinite();
    return exponent;
  }

  /** The dimensions; none for a scalar. */
  public final long[] shape() {
    return shape.clone();
  }

  /** Number of elements. */
  public final int length() {
    return length;
  }

  /**
   * The value of an element, {@code float_round(I · 2^E)}; NaN for a non-finite tensor.
   *
   * @param index in C order
   */
  public final float value(int index) {
    if (index < 0 || index >= length) {
      throw new IndexOutOfBoundsException(
          "index: expected 0 to " + (length - 1) + ", got " + index);
    }
    return finite ? ExactFloat.scaled(integer(index), exponent) : Float.NaN;
  }

  /** All values in C order, each {@code float_round(I · 2^E)}; NaN for a non-finite tensor. */
  public final float[] dequantize() {
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = value(i);
    }
    return values;
  }

  final void requireFinite() {
    if (!finite) {
      throw new IllegalStateException("tensor: expected a finite one, got " + this);
    }
  }

  /** Equal but for the integers. */
  final boolean sameFrame(ScaledIntegers other) {
    return finite == other.finite
        && exponent == other.exponent
        && Arrays.equals(shape, other.shape);
  }

  final int frameHash() {
    return 31 * Arrays.hashCode(shape) + (finite ? exponent : Integer.MIN_VALUE);
  }

  @Override
  public final String toString() {
    return getClass().getSimpleName()
        + Arrays.toString(shape)
        + (finite ? " · 2^" + exponent : " non-finite");
  }
}
