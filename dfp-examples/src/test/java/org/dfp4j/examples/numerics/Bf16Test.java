package org.dfp4j.examples.numerics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class Bf16Test {

  @ParameterizedTest
  @CsvSource({
    // 1 + 2^-8 is half way between 1 and 1 + 2^-7; the even one is 1.
    "0x1.01p0, 0x1.00p0",
    "0x1.03p0, 0x1.04p0",
    "0x1.010002p0, 0x1.02p0",
    "0x1.00fffep0, 0x1.00p0",
    "-0x1.03p0, -0x1.04p0",
    "0x1.fffffep0, 0x2p0",
    "0x1.fffffep127, Infinity",
    "0x1p-149, 0",
    "-0.0, -0.0",
    "-Infinity, -Infinity",
    "NaN, NaN"
  })
  void roundsToTheNearestEvenOne(float x, float expected) {
    assertEquals(expected, Bf16.round(x));
  }

  @Test
  void isOffByAtMostHalfAUnitAndKeepsItsOwn() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      float x = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(-60, 60)));
      float rounded = Bf16.round(x);
      // 8 significant bits, the first of them implicit.
      assertEquals(x, rounded, Math.abs(x) * 0x1p-8, "seed 1, " + x);
      assertEquals(0, Float.floatToRawIntBits(rounded) & 0xffff, "seed 1, " + x);
      assertEquals(rounded, Bf16.round(rounded));
    }
  }
}
