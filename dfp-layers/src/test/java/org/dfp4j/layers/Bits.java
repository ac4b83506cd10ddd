package org.dfp4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Comparison with tolerance 0. */
public final class Bits {

  private Bits() {}

  /** The same floats in the same order; any NaN is like any other. */
  public static void assertSameBits(INDArray expected, INDArray got) {
    assertSameBits(expected, got, "values");
  }

  /** As the other {@code assertSameBits}, with what a failure begins with. */
  public static void assertSameBits(INDArray expected, INDArray got, String message) {
    assertArrayEquals(expected.shape(), got.shape(), message);
    assertArrayEquals(bits(expected), bits(got), message);
  }

  private static int[] bits(INDArray x) {
    float[] values = x.dup('c').data().asFloat();
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }
}
