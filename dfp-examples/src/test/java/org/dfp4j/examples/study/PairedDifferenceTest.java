package org.dfp4j.examples.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.dfp4j.examples.study.PairedDifference.Basis;
import org.junit.jupiter.api.Test;

/** Differences of twins and their intervals, against numbers computed by hand. */
class PairedDifferenceTest {

  /** Deviation 0.01, t of two degrees of freedom 4.30265, so half the interval is 0.0248414. */
  @Test
  void studentsIntervalOverSeeds() {
    PairedDifference d = PairedDifference.ofSeeds(0.01, 0.02, 0.03);
    assertEquals(0.02, d.difference(), 1e-15);
    assertEquals(0.02 - 0.0248414, d.low(), 1e-7);
    assertEquals(0.02 + 0.0248414, d.high(), 1e-7);
    assertEquals(Basis.SEEDS, d.basis());
    assertEquals(3, d.pairs());
    assertTrue(d.maybeNone());
  }

  @Test
  void oneSeedHasNoInterval() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> PairedDifference.ofSeeds(0.1));
    assertEquals("differences: expected two or more, got 1", e.getMessage());
  }

  /** (20 + 1) / 1002 and (50 + 1) / 1002 differ by 0.0299401; the root is 0.0084154. */
  @Test
  void intervalOverImages() {
    PairedDifference d = PairedDifference.ofImages(20, 50, 1000);
    assertEquals(0.03, d.difference(), 1e-15);
    assertEquals(0.0134463, d.low(), 1e-7);
    assertEquals(0.0464339, d.high(), 1e-7);
    assertEquals(Basis.IMAGES, d.basis());
    assertFalse(d.maybeNone());
  }

  @Test
  void networksThatAgreeHaveAnIntervalAllTheSame() {
    PairedDifference d = PairedDifference.ofImages(0, 0, 100);
    assertEquals(0, d.difference());
    assertEquals(0.0271746, d.high(), 1e-6);
    assertEquals(-d.high(), d.low());
  }

  @Test
  void seedsThatDifferAlikeHaveTheIntervalOfTheirImages() {
    PairedDifference one = PairedDifference.ofImages(20, 27, 1000);
    PairedDifference two = PairedDifference.ofImages(30, 37, 1000);
    PairedDifference widest = PairedDifference.widest(List.of(one, two));
    assertEquals(0.007, widest.difference(), 1e-15);
    assertEquals((one.low() + two.low()) / 2, widest.low(), 1e-15);
    assertEquals((one.high() + two.high()) / 2, widest.high(), 1e-15);
    assertEquals(Basis.IMAGES, widest.basis());
    assertEquals(1000, widest.pairs());
    assertTrue(widest.maybeNone());
  }

  @Test
  void seedsThatDifferWidelyHaveTheIntervalOfSeeds() {
    PairedDifference one = PairedDifference.ofImages(20, 60, 1000);
    PairedDifference two = PairedDifference.ofImages(60, 20, 1000);
    assertEquals(PairedDifference.ofSeeds(0.04, -0.04), PairedDifference.widest(List.of(one, two)));
  }

  @Test
  void countsBelongToTheImages() {
    assertThrows(IllegalArgumentException.class, () -> PairedDifference.ofImages(60, 50, 100));
    assertThrows(IllegalArgumentException.class, () -> PairedDifference.ofImages(-1, 0, 100));
  }
}
