package org.dfp4j.examples.numerics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The measures, by numbers that one can follow. */
class ClosenessTest {

  private static final double EPS = 1e-12;

  @Test
  void ratiosOfPowersAndOfMedians() {
    // Power 1 + 100 + 1 over 0.01 · 3; medians 1 and 0.1.
    Closeness closeness = Closeness.of(new double[] {1, -10, 1}, new double[] {1.1, -9.9, 0.9});
    assertEquals(10 * Math.log10(102 / 0.03), closeness.snr(), 1e-9);
    assertEquals(20, closeness.typicalSnr(), 1e-9);
  }

  @Test
  void oneLargeValueChangesOnlyTheFirst() {
    double[] exact = {1, 2, 3, 1e6};
    Closeness closeness = Closeness.of(exact, new double[] {1.5, 2.5, 3.5, 1e6 + 0.5});
    assertEquals(20 * Math.log10(2.5 / 0.5), closeness.typicalSnr(), 1e-9);
    assertEquals(120, closeness.snr(), 1e-3);
  }

  @Test
  void equalValuesAreInfinitelyClose() {
    Closeness closeness = Closeness.of(new double[] {1, 2}, new double[] {1, 2});
    assertEquals(new Closeness(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY), closeness);
  }

  @Test
  void valuesWithoutTermsDoNotCount() {
    Closeness closeness =
        Closeness.of(new double[] {0, 1, 0, 0, -0.0}, new double[] {0, 1.1, 0, -0.0, 0});
    assertEquals(20, closeness.snr(), 1e-9);
    assertEquals(20, closeness.typicalSnr(), 1e-9);
    Closeness zeros = Closeness.of(new double[2], new double[2]);
    assertEquals(new Closeness(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY), zeros);
  }

  @Test
  void aBadNumberIsNotHidden() {
    Closeness closeness = Closeness.of(new double[] {1, 2, 3}, new double[] {1, 2, Double.NaN});
    assertEquals(new Closeness(Double.NaN, Double.NaN), closeness);
  }

  @Test
  void lengthsMustAgree() {
    assertEquals(
        "values: expected 1, got 2",
        assertThrows(
                IllegalArgumentException.class, () -> Closeness.of(new double[1], new double[2]))
            .getMessage());
    assertThrows(
        IllegalArgumentException.class, () -> new Sums().add(new double[1], new double[2]));
  }

  @Test
  void cosineAndRelativeError() {
    Sums sums = new Sums();
    sums.add(new double[] {3}, new double[] {3});
    Sums rest = new Sums();
    rest.add(new double[] {4}, new double[] {0});
    sums.add(rest);
    assertEquals(0.6, sums.cosine(), EPS);
    assertEquals(0.8, sums.relativeError(), EPS);
  }

  @Test
  void medians() {
    assertEquals(2, Medians.of(3, 1, 2), EPS);
    assertEquals(2.5, Medians.of(4, 1, 2, 3), EPS);
    assertEquals(Double.NaN, Medians.of(1, Double.NaN, 0));
    assertThrows(IllegalArgumentException.class, Medians::of);
  }
}
