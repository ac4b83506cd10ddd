package org.dfp4j.backend.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Seed.class)
class DfpTensorTest {

  static DfpTensor random(SplittableRandom random, int exponent, int length) {
    short[] mantissas = new short[length];
    for (int i = 0; i < length; i++) {
      mantissas[i] = (short) random.nextInt(-32767, 32768);
    }
    return DfpTensor.of(mantissas, exponent, length);
  }

  @Test
  void valuesAreMantissaTimesPowerOfTwo() {
    DfpTensor tensor = DfpTensor.of(new short[] {1, -2, 3, -32767, 0, 32767}, -3, 2, 3);
    assertArrayEquals(
        new float[] {0.125f, -0.25f, 0.375f, -4095.875f, 0, 4095.875f}, tensor.dequantize());
    assertEquals(-0.25f, tensor.value(1));
    assertEquals(-2, tensor.mantissa(1));
    assertEquals(-3, tensor.exponent());
    assertEquals(6, tensor.length());
    assertArrayEquals(new long[] {2, 3}, tensor.shape());
    assertEquals("DfpTensor[2, 3] · 2^-3", tensor.toString());
  }

  @Test
  void valuesAreNearestFloatsAtEveryExponent() {
    SplittableRandom random = Seed.random();
    for (int exponent = DfpTensor.MIN_EXPONENT; exponent <= DfpTensor.MAX_EXPONENT; exponent++) {
      DfpTensor tensor = random(random, exponent, 20);
      float[] values = tensor.dequantize();
      for (int i = 0; i < values.length; i++) {
        assertTrue(
            Oracle.isNearest(values[i], Oracle.scaled(tensor.mantissa(i), exponent)),
            tensor.mantissa(i) + " · 2^" + exponent + " gave " + values[i]);
      }
    }
  }

  @Test
  void arraysAreCopiedInAndOut() {
    short[] mantissas = {1, 2};
    long[] shape = {2};
    DfpTensor tensor = DfpTensor.of(mantissas, 0, shape);
    mantissas[0] = 9;
    shape[0] = 9;
    tensor.mantissas()[0] = 9;
    tensor.shape()[0] = 9;
    tensor.dequantize()[0] = 9;
    assertEquals(DfpTensor.of(new short[] {1, 2}, 0, 2), tensor);
  }

  @Test
  void equalityIsOfShapeExponentMantissasAndFiniteness() {
    DfpTensor tensor = DfpTensor.of(new short[] {1, 2}, 0, 2);
    DfpTensor same = DfpTensor.of(new short[] {1, 2}, 0, 2);
    assertEquals(tensor, same);
    assertEquals(tensor.hashCode(), same.hashCode());
    assertNotEquals(tensor, DfpTensor.of(new short[] {1, 2}, 0, 1, 2));
    assertNotEquals(tensor, DfpTensor.of(new short[] {1, 2}, 1, 2));
    assertNotEquals(tensor, DfpTensor.of(new short[] {1, 3}, 0, 2));
    assertNotEquals(DfpTensor.of(new short[] {0}, 0, 1), DfpTensor.nonFinite(1));
    assertEquals(DfpTensor.nonFinite(1, 2), DfpTensor.nonFinite(1, 2));
    assertEquals(DfpTensor.nonFinite(1, 2).hashCode(), DfpTensor.nonFinite(1, 2).hashCode());
    assertNotEquals(tensor.widen(), (Object) tensor);
  }

  @Test
  void timesIsExact() {
    SplittableRandom random = Seed.random();
    DfpTensor a = random(random, -163, 1000);
    DfpTensor b = random(random, 115, 1000);
    WideTensor product = a.times(b);
    assertEquals(-48, product.exponent());
    for (int i = 0; i < product.length(); i++) {
      assertEquals((long) a.mantissa(i) * b.mantissa(i), product.integer(i));
    }
  }

  @Test
  void dotIsExact() {
    SplittableRandom random = Seed.random();
    DfpTensor a = random(random, -20, 100_352);
    DfpTensor b = random(random, 7, 100_352);
    BigInteger expected = BigInteger.ZERO;
    for (int i = 0; i < a.length(); i++) {
      expected = expected.add(BigInteger.valueOf((long) a.mantissa(i) * b.mantissa(i)));
    }
    WideTensor dot = a.dot(b);
    assertEquals(WideTensor.of(new long[] {expected.longValueExact()}, -13), dot);
    assertEquals(ExactFloat.scaled(expected.longValueExact(), -13), dot.value(0));
  }

  /** Two such products fill an int32; these are 2^17. */
  @Test
  void dotOfExtremesDoesNotWrap() {
    short[] mantissas = new short[1 << 17];
    Arrays.fill(mantissas, (short) 32767);
    DfpTensor a = DfpTensor.of(mantissas, 0, mantissas.length);
    assertEquals(32767L * 32767 * (1 << 17), a.dot(a).integer(0));
  }

  @Test
  void plusAlignsToTheLargerExponent() {
    DfpTensor a = DfpTensor.of(new short[] {32767, -32767, 100}, 0, 3);
    DfpTensor b = DfpTensor.of(new short[] {6, -6, 7}, -2, 3);
    WideTensor sum = a.plus(b, Rounding.NEAREST_EVEN, 0);
    assertEquals(WideTensor.of(new long[] {32769, -32769, 102}, 0, 3), sum);
    assertEquals(sum, b.plus(a, Rounding.NEAREST_EVEN, 0));
    assertEquals(
        DfpTensor.of(new short[] {16384, -16384, 51}, 1, 3), sum.downConvert(Quantizer.DEFAULT));
  }

  @Test
  void nonFiniteSpreads() {
    DfpTensor bad = DfpTensor.nonFinite(2);
    DfpTensor good = DfpTensor.of(new short[] {0, 1}, 0, 2);
    assertFalse(bad.finite());
    assertTrue(Float.isNaN(bad.value(1)));
    assertEquals("DfpTensor[2] non-finite", bad.toString());
    assertEquals(WideTensor.nonFinite(2), bad.times(good));
    assertEquals(WideTensor.nonFinite(2), good.times(bad));
    assertEquals(WideTensor.nonFinite(), bad.dot(good));
    assertEquals(WideTensor.nonFinite(), good.dot(bad));
    assertEquals(WideTensor.nonFinite(2), good.plus(bad, Rounding.TRUNCATE, 0));
    assertEquals(WideTensor.nonFinite(2), bad.plus(good, Rounding.TRUNCATE, 0));
    assertEquals(bad, bad.widen().downConvert(Quantizer.DEFAULT));
  }

  @Test
  void nonFiniteHasNeitherMantissasNorExponent() {
    DfpTensor bad = DfpTensor.nonFinite(2);
    String message = "tensor: expected a finite one, got DfpTensor[2] non-finite";
    assertEquals(message, assertThrows(IllegalStateException.class, bad::mantissas).getMessage());
    assertEquals(message, assertThrows(IllegalStateException.class, bad::exponent).getMessage());
    assertEquals(
        message, assertThrows(IllegalStateException.class, () -> bad.mantissa(0)).getMessage());
  }

  @Test
  void refusesBadArguments() {
    assertMessage(
        "mantissas[1]: expected -32767 to 32767, got -32768",
        () -> DfpTensor.of(new short[] {0, Short.MIN_VALUE}, 0, 2));
    assertMessage(
        "mantissas: expected 6 elements for shape [2, 3], got 4",
        () -> DfpTensor.of(new short[4], 0, 2, 3));
    assertMessage(
        "mantissas: expected 1 elements for shape [], got 2", () -> DfpTensor.of(new short[2], 0));
    assertMessage("shape[1]: expected >= 1, got 0", () -> DfpTensor.of(new short[0], 0, 2, 0));
    assertMessage("shape[0]: expected >= 1, got -2", () -> DfpTensor.nonFinite(-2));
    assertMessage(
        "shape: expected at most 2147483647 elements, got [65536, 65536, 4]",
        () -> DfpTensor.nonFinite(65536, 65536, 4));
    assertMessage(
        "exponent: expected -400 to 400, got 401", () -> DfpTensor.of(new short[1], 401, 1));
    assertMessage(
        "exponent: expected -400 to 400, got -401", () -> DfpTensor.of(new short[1], -401, 1));
    DfpTensor two = DfpTensor.of(new short[2], 0, 2);
    DfpTensor row = DfpTensor.of(new short[2], 0, 1, 2);
    assertMessage("other: expected shape [2], got [1, 2]", () -> two.times(row));
    assertMessage("other: expected shape [2], got [1, 2]", () -> two.dot(row));
    assertMessage(
        "other: expected shape [2], got [1, 2]", () -> two.plus(row, Rounding.TRUNCATE, 0));
    IndexOutOfBoundsException e = assertThrows(IndexOutOfBoundsException.class, () -> two.value(2));
    assertEquals("index: expected 0 to 1, got 2", e.getMessage());
  }

  private static void assertMessage(String message, Runnable action) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertEquals(message, e.getMessage());
  }
}
