package org.dfp4j.backend.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(Seed.class)
class RoundingTest {

  private static final int CASES = 100_000;

  @ParameterizedTest
  @CsvSource({
    // y, nearest even, nearest away, truncate
    "0.5, 0, 1, 0",
    "1.5, 2, 2, 1",
    "2.5, 2, 3, 2",
    "-0.5, 0, -1, 0",
    "-1.5, -2, -2, -1",
    "-2.5, -2, -3, -2",
    "0.49999997, 0, 0, 0",
    "0.50000006, 1, 1, 0",
    "32767.5, 32768, 32768, 32767",
    "32766.5, 32766, 32767, 32766",
    "8388607.5, 8388608, 8388608, 8388607",
    "16777216, 16777216, 16777216, 16777216",
    "1e20, 2147483647, 2147483647, 2147483647",
    "-1e20, -2147483647, -2147483647, -2147483647",
    "-0.0, 0, 0, 0",
    "1e-45, 0, 0, 0"
  })
  void tiesAndEdges(float y, int nearestEven, int nearestAway, int truncate) {
    assertEquals(nearestEven, Rounding.NEAREST_EVEN.round(y, 0, 0));
    assertEquals(nearestAway, Rounding.NEAREST_AWAY.round(y, 0, 0));
    assertEquals(truncate, Rounding.TRUNCATE.round(y, 0, 0));
  }

  @ParameterizedTest
  @EnumSource
  void roundIsTheOracles(Rounding rounding) {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      // Half of them on the grid of quarters, where ties are.
      float y = (float) Math.scalb(random.nextDouble(-1, 1), random.nextInt(-20, 26));
      float x = random.nextBoolean() ? y : Math.round(y * 4) / 4f;
      long seed = random.nextLong();
      long index = random.nextLong(Long.MAX_VALUE);
      assertEquals(
          Oracle.round(new BigDecimal(x), rounding, seed, index).intValueExact(),
          rounding.round(x, seed, index),
          () -> rounding + " of " + x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shiftRightIsTheOracles(Rounding rounding) {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      int shift = random.nextInt(0, 70);
      long value = random.nextLong() >> random.nextInt(64);
      if (random.nextBoolean() && shift > 0) {
        // A tie, or one unit beside it.
        value = ((value | 1) << Math.min(shift - 1, 63)) + random.nextInt(-1, 2);
      }
      long seed = random.nextLong();
      checkShift(rounding, value, shift, seed, random.nextInt());
    }
    for (long value : new long[] {Long.MIN_VALUE, Long.MIN_VALUE + 1, Long.MAX_VALUE, -1, 0, 1}) {
      for (int shift = 0; shift <= 130; shift++) {
        checkShift(rounding, value, shift, Seed.VALUE, shift);
      }
      checkShift(rounding, value, 800, Oracle.seedFor(0, 5), 5);
    }
  }

  private static void checkShift(Rounding rounding, long value, int shift, long seed, long index) {
    assertEquals(
        Oracle.round(Oracle.scaled(value, -shift), rounding, seed, index).longValueExact(),
        rounding.shiftRight(value, shift, seed, index),
        () -> rounding + " of " + value + " >> " + shift);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 1 << 12, (1 << 23) - 1, 1 << 23, (1 << 24) - 2})
  void stochasticGoesUpOnlyAboveTheThreshold(int threshold) {
    long index = 17;
    long seed = Oracle.seedFor(threshold, index);
    float t = threshold * 0x1p-24f;
    float above = Math.nextUp(t);
    assertEquals(0, Rounding.STOCHASTIC.round(t, seed, index));
    assertEquals(1, Rounding.STOCHASTIC.round(above, seed, index));
    assertEquals(-1, Rounding.STOCHASTIC.round(-above, seed, index));
    for (int shift : new int[] {24, 25, 48, 62}) {
      long exact = (long) threshold << (shift - 24);
      assertEquals(0, Rounding.STOCHASTIC.shiftRight(exact, shift, seed, index));
      assertEquals(1, Rounding.STOCHASTIC.shiftRight(exact + 1, shift, seed, index));
      assertEquals(-1, Rounding.STOCHASTIC.shiftRight(-exact - 1, shift, seed, index));
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {0, 0.001f, 0.25f, 0.5f, 0.7f, 0.999f, 3.3f, 16383.625f, -0.25f, -100.9f})
  void stochasticIsUnbiased(float y) {
    int n = 1_000_000;
    long sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Rounding.STOCHASTIC.round(y, Seed.VALUE, i);
    }
    double fraction = Math.abs(y) - Math.floor(Math.abs(y));
    // Each is a Bernoulli variable: the mean of n has the deviation sqrt(f·(1-f)/n). Six of them,
    // and
    // the 2^-24 by which a probability may exceed f.
    double bound = 6 * Math.sqrt(fraction * (1 - fraction) / n) + 0x1p-24;
    assertEquals(y, (double) sum / n, bound);
  }

  @Test
  void stochasticDrawsDifferBySeedAndIndex() {
    int n = 10_000;
    int sameIndex = 0;
    int sameSeed = 0;
    for (int i = 0; i < n; i++) {
      int draw = Rounding.STOCHASTIC.round(0.5f, Seed.VALUE, i);
      assertEquals(draw, Rounding.STOCHASTIC.round(0.5f, Seed.VALUE, i));
      sameIndex += draw == Rounding.STOCHASTIC.round(0.5f, Seed.VALUE + 1, i) ? 1 : 0;
      sameSeed += draw == Rounding.STOCHASTIC.round(0.5f, Seed.VALUE, i + n) ? 1 : 0;
    }
    // Independent fair bits agree n/2 times, deviation sqrt(n)/2; six of them.
    double bound = 6 * Math.sqrt(n) / 2;
    assertEquals(n / 2.0, sameIndex, bound);
    assertEquals(n / 2.0, sameSeed, bound);
  }

  @ParameterizedTest
  @EnumSource
  void refusesWhatHasNoAnswer(Rounding rounding) {
    IllegalArgumentException nan =
        assertThrows(
            IllegalArgumentException.class, () -> rounding.round(Float.NaN, Seed.VALUE, 0));
    assertEquals("y: expected a number, got NaN", nan.getMessage());
    IllegalArgumentException shift =
        assertThrows(
            IllegalArgumentException.class, () -> rounding.shiftRight(1, -1, Seed.VALUE, 0));
    assertEquals("shift: expected >= 0, got -1", shift.getMessage());
  }
}
