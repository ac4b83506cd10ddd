package org.dfp4j.backend.tensor;

import java.util.Arrays;

/** Checks of tensor dimensions. */
final class Shapes {

  private Shapes() {}

  /** Number of elements; the product of no dimensions is 1. At most 2^31 - 1, as an array holds. */
  static int length(long... shape) {
    long length = 1;
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] < 1) {
        throw new IllegalArgumentException("shape[" + i + "]: expected >= 1, got " + shape[i]);
      }
      if (shape[i] > Integer.MAX_VALUE / length) {
        throw new IllegalArgumentException(
            "shape: expected at most "
                + Integer.MAX_VALUE
                + " elements, got "
                + Arrays.toString(shape));
      }
      length *= shape[i];
    }
    return (int) length;
  }

  /** Refuses an array that does not have as many elements as the shape. */
  static void check(String name, int length, long... shape) {
    int expected = length(shape);
    if (length != expected) {
      throw new IllegalArgumentException(
          name
              + ": expected "
              + expected
              + " elements for shape "
              + Arrays.toString(shape)
              + ", got "
              + length);
    }
  }

  /** Refuses a second operand of another shape. */
  static void same(long[] expected, long[] other) {
    if (!Arrays.equals(expected, other)) {
      throw new IllegalArgumentException(
          "other: expected shape " + Arrays.toString(expected) + ", got " + Arrays.toString(other));
    }
  }
}
