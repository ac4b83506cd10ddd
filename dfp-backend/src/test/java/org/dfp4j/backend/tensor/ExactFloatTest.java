package org.dfp4j.backend.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Seed.class)
class ExactFloatTest {

  private static final int CASES = 60_000;

  private static void check(long sum, int exponent) {
    float result = ExactFloat.scaled(sum, exponent);
    BigDecimal exact = Oracle.scaled(sum, exponent);
    assertTrue(Oracle.isNearest(result, exact), () -> sum + " · 2^" + exponent + " gave " + result);
    // The sign survives underflow and overflow.
    assertEquals(
        sum < 0, Float.floatToRawIntBits(result) < 0, () -> "sign of " + sum + " · 2^" + exponent);
  }

  @Test
  void anySumAndExponentIsRoundedOnce() {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      check(random.nextLong() >> random.nextInt(64), random.nextInt(-400, 401));
    }
  }

  /** Where rounding to 53 bits and then to 24 would go wrong. */
  @Test
  void tiesAndTheirNeighbours() {
    SplittableRandom random = Seed.random();
    for (int i = 0; i < CASES; i++) {
      int kept = random.nextInt(1, 25);
      long tie = ((random.nextLong() >>> (64 - kept)) << 1) | 1;
      int shift = random.nextInt(0, 63 - kept);
      long sum = (tie << shift) + random.nextInt(-1, 2);
      // A result of `kept` bits: a normal one for 24, else one that ends at 2^-149.
      int exponent = kept == 24 ? random.nextInt(-150, 100) : -150 - shift;
      check(random.nextBoolean() ? sum : -sum, exponent);
    }
  }

  @Test
  void largestAndSmallestSumsAtEveryExponent() {
    long[] sums = {
      1, -1, 3, Long.MAX_VALUE, Long.MIN_VALUE, Long.MIN_VALUE + 1, (1L << 53) - 1, (1L << 53) + 1
    };
    for (int exponent = -400; exponent <= 400; exponent++) {
      for (long sum : sums) {
        check(sum, exponent);
      }
    }
  }

  @Test
  void overflowsAsFp32Does() {
    long largest = (1L << 24) - 1;
    assertEquals(Float.MAX_VALUE, ExactFloat.scaled(largest, 104));
    // 2^128 - 2^103 is the tie, one unit less rounds down.
    long tie = (1L << 62) - (1L << 37);
    assertEquals(Float.POSITIVE_INFINITY, ExactFloat.scaled(tie, 66));
    assertEquals(Float.NEGATIVE_INFINITY, ExactFloat.scaled(-tie, 66));
    assertEquals(Float.MAX_VALUE, ExactFloat.scaled(tie - 1, 66));
    assertEquals(-Float.MAX_VALUE, ExactFloat.scaled(-tie + 1, 66));
  }

  @Test
  void underflowsToEven() {
    assertEquals(Float.MIN_VALUE, ExactFloat.scaled(1, -149));
    assertEquals(0f, ExactFloat.scaled(1, -150));
    assertEquals(-0f, ExactFloat.scaled(-1, -150));
    assertEquals(Float.MIN_VALUE, ExactFloat.scaled((1L << 62) + 1, -212));
    assertEquals(2 * Float.MIN_VALUE, ExactFloat.scaled(3, -150));
    assertEquals(Float.MIN_NORMAL, ExactFloat.scaled((1L << 24) - 1, -150));
  }

  @Test
  void zeroIsPositiveAtEveryExponent() {
    for (int exponent : new int[] {Integer.MIN_VALUE, -400, 0, 400, Integer.MAX_VALUE}) {
      assertEquals(0f, ExactFloat.scaled(0, exponent));
    }
  }

  @Test
  void exponentsBeyondTheLastChangeNothing() {
    assertEquals(0f, ExactFloat.scaled(Long.MAX_VALUE, Integer.MIN_VALUE));
    assertEquals(-0f, ExactFloat.scaled(Long.MIN_VALUE, Integer.MIN_VALUE));
    assertEquals(Float.POSITIVE_INFINITY, ExactFloat.scaled(1, Integer.MAX_VALUE));
    assertEquals(Float.NEGATIVE_INFINITY, ExactFloat.scaled(-1, Integer.MAX_VALUE));
  }
}
