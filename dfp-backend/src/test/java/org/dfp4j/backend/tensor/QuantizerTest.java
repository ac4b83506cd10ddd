package org.dfp4j.backend.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seed.class)
class QuantizerTest {

  private static final int CASES = 30_000;

  static Stream<Quantizer> everyKind() {
    return Arrays.stream(Rounding.values())
        .flatMap(
            rounding ->
                Stream.of(0, 1, 2).map(headroom -> new Quantizer(rounding, headroom, Seed.VALUE)));
  }

  /** A finite float, any bit pattern equally likely: all binades, subnormals included. */
  private static float anyFloat(SplittableRandom random) {
    float x = Float.intBitsToFloat(random.nextInt());
    return Float.isFinite(x) ? x : anyFloat(random);
  }

  private static void fill(float[] values, SplittableRandom random, int scale) {
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.scalb(random.nextDouble(-1, 1), scale);
    }
  }

  @ParameterizedTest
  @EnumSource
  void topOfTheBinadeSaturates(Rounding rounding) {
    // A threshold of 0, so that STOCHASTIC goes up too.
    Quantizer quantizer = new Quantizer(rounding, 0, Oracle.seedFor(0, 0));
    for (float x : new float[] {1.9999999f, Math.nextDown(0x1p-100f), Float.MAX_VALUE}) {
      assertEquals(32767, quantizer.quantize(new float[] {x}).mantissa(0));
      assertEquals(-32767, quantizer.quantize(new float[] {-x}).mantissa(0));
    }
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void mantissasStayInRangeAtTheTopOfTheBinade(Quantizer quantizer) {
    int exponent = quantizer.exponent(1);
    int top = Float.floatToRawIntBits(2f);
    int limit = quantizer.limit();
    for (int bits = top - (1 << 16); bits < top; bits++) {
      float x = Float.intBitsToFloat(bits);
      int mantissa = quantizer.mantissa(x, exponent, bits);
      assertTrue(mantissa > 0 && mantissa <= limit, () -> x + " gave " + mantissa);
      assertEquals(-mantissa, quantizer.mantissa(-x, exponent, bits));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void exponentIsThatOfTheBinadeOfAmax(int headroom) {
    Quantizer quantizer = new Quantizer(Rounding.NEAREST_EVEN, headroom, 0);
    for (int binade = -149; binade <= 127; binade++) {
      float low = Math.scalb(1f, binade);
      float high = binade == 127 ? Float.MAX_VALUE : Math.nextDown(Math.scalb(1f, binade + 1));
      for (float amax : new float[] {low, low + (high - low) / 3, high}) {
        int expected = Oracle.floorLog2(amax) - 14 + headroom;
        assertEquals(expected, quantizer.exponent(amax), () -> "amax " + amax);
        assertEquals(binade - 14 + headroom, expected, () -> "amax " + amax);
        if (binade >= Float.MIN_EXPONENT) {
          assertEquals(Math.getExponent(amax) - 14 + headroom, expected);
        }
      }
    }
    assertEquals(Quantizer.MIN_EXPONENT + headroom, quantizer.exponent(0));
    assertEquals(Quantizer.MIN_EXPONENT + headroom, quantizer.exponent(Float.MIN_VALUE));
    assertEquals(Quantizer.MAX_EXPONENT - 2 + headroom, quantizer.exponent(Float.MAX_VALUE));
  }

  @Test
  void exponentOfRandomFloats() {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      float amax = Math.max(Float.MIN_VALUE, Math.abs(anyFloat(random)));
      assertEquals(Oracle.floorLog2(amax) - 14, Quantizer.DEFAULT.exponent(amax));
    }
  }

  @ParameterizedTest
  @ValueSource(
      floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, -Float.MIN_VALUE, -1})
  void exponentRefusesWhatIsNoAmax(float amax) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Quantizer.DEFAULT.exponent(amax));
    assertEquals("amax: expected a finite number >= 0, got " + amax, e.getMessage());
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void mantissaIsTheOracles(Quantizer quantizer) {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      float amax = Math.abs(anyFloat(random));
      int exponent = quantizer.exponent(amax);
      float x = valueUpTo(amax, exponent, random);
      long index = random.nextLong(1L << 40);
      BigDecimal y = new BigDecimal(x).multiply(Oracle.powerOfTwo(-exponent));
      long expected =
          Oracle.clamp(
              Oracle.round(y, quantizer.rounding(), quantizer.seed(), index), quantizer.limit());
      assertEquals(
          expected,
          quantizer.mantissa(x, exponent, index),
          () -> quantizer + ": " + x + " with amax " + amax);
    }
  }

  /** Spread over [-amax, amax]: near the top, near a tie, or small. */
  private static float valueUpTo(float amax, int exponent, SplittableRandom random) {
    float x =
        switch (random.nextInt(4)) {
          case 0 -> amax;
          case 1 -> (float) (amax * random.nextDouble());
          case 2 -> ExactFloat.scaled(2L * random.nextInt(32768) + 1, exponent - 1);
          default -> (float) Math.scalb(amax * random.nextDouble(), -random.nextInt(40));
        };
    float inside = Math.abs(x) <= amax ? x : amax;
    return random.nextBoolean() ? inside : -inside;
  }

  @ParameterizedTest
  @MethodSource("everyKind")
  void errorIsWithinHalfAStepOrOne(Quantizer quantizer) {
    SplittableRandom random = Seed.random();
    boolean nearest =
        quantizer.rounding() == Rounding.NEAREST_EVEN
            || quantizer.rounding() == Rounding.NEAREST_AWAY;
    for (int i = 0; i < CASES; i++) {
      float amax = Math.abs(anyFloat(random));
      int exponent = quantizer.exponent(amax);
      float x = valueUpTo(amax, exponent, random);
      int mantissa = quantizer.mantissa(x, exponent, i);
      BigDecimal error = new BigDecimal(x).subtract(Oracle.scaled(mantissa, exponent)).abs();
      BigDecimal largestValue = Oracle.scaled(quantizer.limit(), exponent);
      boolean saturated = new BigDecimal(x).abs().compareTo(largestValue) > 0;
      BigDecimal bound = Oracle.powerOfTwo(nearest && !saturated ? exponent - 1 : exponent);
      int order = error.compareTo(bound);
      // Half a step is reached by ties, a whole one never.
      assertTrue(
          order < 0 || (order == 0 && nearest && !saturated),
          () -> quantizer + ": " + x + " with amax " + amax + " gave " + mantissa);
    }
  }

  @Test
  void powersOfTwoAreExact() {
    for (int headroom = 0; headroom <= 2; headroom++) {
      Quantizer quantizer = new Quantizer(Rounding.NEAREST_EVEN, headroom, 0);
      for (int e = -149; e <= 127; e++) {
        float x = Math.scalb(1f, e);
        DfpTensor tensor = quantizer.quantize(new float[] {x, -x}, 2);
        short expected = (short) (1 << (14 - headroom));
        assertArrayEquals(new short[] {expected, (short) -expected}, tensor.mantissas());
        assertArrayEquals(new float[] {x, -x}, tensor.dequantize());
      }
    }
  }

  @Test
  void valuesOfFifteenBitsComeBackExactly() {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      // 24 significant bits without the last 9; a subnormal without as many as it has beyond 15.
      float any = Math.abs(anyFloat(random));
      int excess = Math.max(0, Oracle.floorLog2(Math.max(any, Float.MIN_VALUE)) + 149 - 14);
      int cut = Math.min(excess, 9);
      float x = Float.intBitsToFloat(Float.floatToRawIntBits(any) >>> cut << cut);
      assertEquals(x, Quantizer.DEFAULT.quantize(new float[] {x}).value(0));
    }
  }

  @Test
  void dequantizedTensorsQuantizeToThemselves() {
    SplittableRandom random = Seed.random();
    float[] values = new float[1000];
    for (int binade = -160; binade <= 127; binade += 7) {
      fill(values, random, binade);
      DfpTensor once = Quantizer.DEFAULT.quantize(values, 10, 100);
      DfpTensor twice = Quantizer.DEFAULT.quantize(once.dequantize(), 10, 100);
      assertArrayEquals(once.dequantize(), twice.dequantize());
      assertEquals(once, twice);
    }
  }

  @Test
  void zerosHaveTheSmallestExponent() {
    for (int headroom = 0; headroom <= 2; headroom++) {
      Quantizer quantizer = new Quantizer(Rounding.STOCHASTIC, headroom, Seed.VALUE);
      DfpTensor tensor = quantizer.quantize(new float[] {0f, -0f, 0f}, 3);
      assertTrue(tensor.finite());
      assertEquals(-163 + headroom, tensor.exponent());
      assertArrayEquals(new short[3], tensor.mantissas());
      assertArrayEquals(new float[3], tensor.dequantize());
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void oneBadNumberMakesTheTensorNonFinite(float bad) {
    DfpTensor tensor = Quantizer.DEFAULT.quantize(new float[] {1, bad, 3, 4}, 2, 2);
    assertEquals(DfpTensor.nonFinite(2, 2), tensor);
    for (float value : tensor.dequantize()) {
      assertTrue(Float.isNaN(value));
    }
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Quantizer.DEFAULT.mantissa(bad, 0, 0));
    assertEquals("x: expected a finite number, got " + bad, e.getMessage());
  }

  @Test
  void amaxIsTheLargestMagnitude() {
    assertEquals(0f, Quantizer.amax());
    assertEquals(0f, Quantizer.amax(-0f));
    assertEquals(3f, Quantizer.amax(1, -3, 2));
    assertEquals(Float.MIN_VALUE, Quantizer.amax(0, -Float.MIN_VALUE));
    assertEquals(Float.POSITIVE_INFINITY, Quantizer.amax(1, Float.NEGATIVE_INFINITY));
    assertTrue(Float.isNaN(Quantizer.amax(Float.POSITIVE_INFINITY, Float.NaN, 1)));
  }

  @Test
  void stochasticTensorsDependOnSeedAndIndexOnly() {
    SplittableRandom random = Seed.random();
    float[] values = new float[5000];
    fill(values, random, 0);
    Quantizer quantizer = new Quantizer(Rounding.STOCHASTIC, 0, Seed.VALUE);
    DfpTensor tensor = quantizer.quantize(values, 50, 100);
    assertEquals(tensor, quantizer.quantize(values, 50, 100));
    for (int i = values.length - 1; i >= 0; i--) {
      assertEquals(tensor.mantissa(i), quantizer.mantissa(values[i], tensor.exponent(), i));
    }
    assertNotEquals(tensor, quantizer.withSeed(Seed.VALUE + 1).quantize(values, 50, 100));
  }

  /** y below 2^-126 is a subnormal: it is more than a threshold of 0, but zero is not. */
  @Test
  void scaledValuesMayBeSubnormal() {
    Quantizer quantizer = new Quantizer(Rounding.STOCHASTIC, 0, Oracle.seedFor(0, 0));
    assertEquals(1, quantizer.mantissa(0x1p-149f, 0, 0));
    assertEquals(1, quantizer.mantissa(0x1p-100f, 49, 0));
    assertEquals(0, quantizer.mantissa(0x1p-100f, 50, 0));
    assertEquals(1, quantizer.mantissa(0x1.8p-100f, 50, 0));
    assertEquals(0, Quantizer.DEFAULT.mantissa(0x1p-100f, 49, 0));
  }

  @Test
  void valuesAboveTheExponentsRangeSaturate() {
    assertEquals(32767, Quantizer.DEFAULT.mantissa(Float.MAX_VALUE, Quantizer.MIN_EXPONENT, 0));
    assertEquals(-32767, Quantizer.DEFAULT.mantissa(-2, -14, 0));
  }

  @Test
  void refusesBadArguments() {
    assertMessage("headroom: expected 0 to 2, got 3", () -> new Quantizer(Rounding.TRUNCATE, 3, 0));
    assertMessage(
        "headroom: expected 0 to 2, got -1", () -> new Quantizer(Rounding.TRUNCATE, -1, 0));
    assertMessage(
        "exponent: expected -163 to 115, got -164", () -> Quantizer.DEFAULT.mantissa(1, -164, 0));
    assertMessage(
        "exponent: expected -163 to 115, got 116", () -> Quantizer.DEFAULT.mantissa(1, 116, 0));
    assertMessage(
        "values: expected 6 elements for shape [2, 3], got 5",
        () -> Quantizer.DEFAULT.quantize(new float[5], 2, 3));
    NullPointerException e =
        assertThrows(NullPointerException.class, () -> new Quantizer(null, 0, 0));
    assertEquals("rounding: expected a mode, got null", e.getMessage());
  }

  private static void assertMessage(String message, Runnable action) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertEquals(message, e.getMessage());
  }
}
