package org.dfp4j.backend.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seed.class)
class WideTensorTest {

  private static final int CASES = 5_000;

  @ParameterizedTest
  @MethodSource("org.dfp4j.backend.tensor.QuantizerTest#everyKind")
  void downConversionIsTheOracles(Quantizer quantizer) {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      int bits = random.nextInt(64);
      long[] integers = random.longs(7).map(x -> x >> bits).toArray();
      if (random.nextInt(10) == 0) {
        integers[3] = Long.MIN_VALUE;
      }
      checkDownConversion(WideTensor.of(integers, random.nextInt(-326, 231), 7), quantizer);
    }
  }

  @ParameterizedTest
  @MethodSource("org.dfp4j.backend.tensor.QuantizerTest#everyKind")
  void downConversionAtBothEndsOfEveryBinade(Quantizer quantizer) {
    for (int bits = 0; bits < 64; bits++) {
      long power = 1L << bits; // -2^63 at the end
      checkDownConversion(WideTensor.of(new long[] {power}, 0, 1), quantizer);
      checkDownConversion(WideTensor.of(new long[] {power - 1}, 0, 1), quantizer);
      checkDownConversion(WideTensor.of(new long[] {1 - power}, 0, 1), quantizer);
    }
  }

  private static void checkDownConversion(WideTensor wide, Quantizer quantizer) {
    int length =
        Arrays.stream(wide.integers())
            .mapToInt(x -> BigInteger.valueOf(x).abs().bitLength())
            .max()
            .getAsInt();
    int shift = Math.max(0, length - (15 - quantizer.headroom()));
    short[] expected = new short[wide.length()];
    for (int i = 0; i < expected.length; i++) {
      BigInteger rounded =
          Oracle.round(
              Oracle.scaled(wide.integer(i), -shift), quantizer.rounding(), quantizer.seed(), i);
      expected[i] = (short) Oracle.clamp(rounded, quantizer.limit());
    }
    assertEquals(
        DfpTensor.of(expected, wide.exponent() + shift, wide.shape()),
        wide.downConvert(quantizer),
        () -> quantizer + " of " + Arrays.toString(wide.integers()));
  }

  @Test
  void topOfTheBinadeSaturatesInDownConversion() {
    DfpTensor tensor =
        WideTensor.of(new long[] {65535, -65535}, 0, 2).downConvert(Quantizer.DEFAULT);
    assertEquals(DfpTensor.of(new short[] {32767, -32767}, 1, 2), tensor);
  }

  @Test
  void downConversionKeepsWhatFits() {
    long[] integers = {32767, -32767, 0, 1};
    assertEquals(
        DfpTensor.of(new short[] {32767, -32767, 0, 1}, -5, 4),
        WideTensor.of(integers, -5, 4).downConvert(Quantizer.DEFAULT));
    assertEquals(
        DfpTensor.of(new short[1], 9),
        WideTensor.of(new long[1], 9).downConvert(Quantizer.DEFAULT));
  }

  @Test
  void downConversionOfTheSmallestLong() {
    assertEquals(
        DfpTensor.of(new short[] {-16384}, 49),
        WideTensor.of(new long[] {Long.MIN_VALUE}, 0).downConvert(Quantizer.DEFAULT));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void downConversionOfExactValuesIsQuantization(int headroom) {
    SplittableRandom random = Seed.random();
    Quantizer quantizer = new Quantizer(Rounding.NEAREST_EVEN, headroom, 0);
    for (int i = 0; i < CASES; i++) {
      // Integers of 24 bits are floats; the largest has more than 15, so that both use all bits.
      long[] integers = random.longs(5, -(1 << 24), 1 << 24).toArray();
      integers[0] = (1L << 16) | random.nextInt(1 << 24);
      int exponent = random.nextInt(-149, 104);
      WideTensor wide = WideTensor.of(integers, exponent, 5);
      assertEquals(quantizer.quantize(wide.dequantize(), 5), wide.downConvert(quantizer));
    }
  }

  @ParameterizedTest
  @EnumSource
  void alignedSumIsTheOracles(Rounding rounding) {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      int ea = random.nextInt(-163, 116);
      int eb = random.nextBoolean() ? ea + random.nextInt(-20, 21) : random.nextInt(-163, 116);
      DfpTensor a = DfpTensorTest.random(random, ea, 3);
      DfpTensor b = DfpTensorTest.random(random, eb, 3);
      long seed = random.nextLong();
      int common = Math.max(ea, eb);
      long[] expected = new long[3];
      for (int j = 0; j < 3; j++) {
        BigInteger ra = Oracle.round(Oracle.scaled(a.mantissa(j), ea - common), rounding, seed, j);
        BigInteger rb = Oracle.round(Oracle.scaled(b.mantissa(j), eb - common), rounding, seed, j);
        expected[j] = ra.add(rb).longValueExact();
      }
      assertEquals(WideTensor.of(expected, common, 3), a.plus(b, rounding, seed));
      assertEquals(WideTensor.of(expected, common, 3), b.plus(a, rounding, seed));
    }
  }

  @Test
  void alignedSumOfFarExponentsIsTheLargerOne() {
    WideTensor large = WideTensor.of(new long[] {5}, 400);
    WideTensor small = WideTensor.of(new long[] {Long.MIN_VALUE}, -400);
    for (Rounding rounding :
        new Rounding[] {Rounding.NEAREST_EVEN, Rounding.NEAREST_AWAY, Rounding.TRUNCATE}) {
      assertEquals(large, large.plus(small, rounding, 0));
    }
  }

  @Test
  void sumsThatDoNotFitAreRefused() {
    WideTensor largest = WideTensor.of(new long[] {1, Long.MAX_VALUE}, 0, 2);
    ArithmeticException e =
        assertThrows(
            ArithmeticException.class, () -> largest.plus(largest, Rounding.NEAREST_EVEN, 0));
    assertEquals(
        "sum[1]: expected an int64, got 9223372036854775807 + 9223372036854775807", e.getMessage());
  }

  @Test
  void valuesAreRoundedOnce() {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      int exponent = random.nextInt(-326, 231);
      long integer = random.nextLong() >> random.nextInt(64);
      WideTensor wide = WideTensor.of(new long[] {integer}, exponent);
      assertTrue(Oracle.isNearest(wide.value(0), Oracle.scaled(integer, exponent)));
      assertArrayEquals(new float[] {wide.value(0)}, wide.dequantize());
    }
  }

  @Test
  void int32AndInt64MakeTheSameTensor() {
    int[] integers = {Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE};
    long[] wide = Arrays.stream(integers).asLongStream().toArray();
    assertEquals(WideTensor.of(wide, 3, 2, 2), WideTensor.of(integers, 3, 2, 2));
  }

  @Test
  void isAValue() {
    long[] integers = {1, 2};
    WideTensor wide = WideTensor.of(integers, 0, 2);
    integers[0] = 9;
    wide.integers()[0] = 9;
    WideTensor same = WideTensor.of(new long[] {1, 2}, 0, 2);
    assertEquals(same, wide);
    assertEquals(same.hashCode(), wide.hashCode());
    assertNotEquals(same, WideTensor.of(new long[] {1, 2}, 1, 2));
    assertNotEquals(same, WideTensor.of(new long[] {1, 3}, 0, 2));
    assertEquals("WideTensor[2] · 2^0", wide.toString());
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> WideTensor.nonFinite(2).integers());
    assertEquals("tensor: expected a finite one, got WideTensor[2] non-finite", e.getMessage());
  }

  @Test
  void refusesBadArguments() {
    IllegalArgumentException length =
        assertThrows(IllegalArgumentException.class, () -> WideTensor.of(new long[3], 0, 2));
    assertEquals("integers: expected 2 elements for shape [2], got 3", length.getMessage());
    // Two products of this size leave the range of exponents.
    DfpTensor tiny = DfpTensor.of(new short[] {1}, -300);
    IllegalArgumentException exponent =
        assertThrows(IllegalArgumentException.class, () -> tiny.times(tiny));
    assertEquals("exponent: expected -400 to 400, got -600", exponent.getMessage());
  }
}
