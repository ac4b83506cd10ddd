package org.dfp4j.examples.numerics;

import java.util.Arrays;

/** Medians. */
final class Medians {

  private Medians() {}

  /** The middle value, or the mean of the two in the middle; NaN where a value is NaN. */
  static double of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("values: expected at least one, got none");
    }
    double[] sorted = values.clone();
    Arrays.parallelSort(sorted);
    // NaN is sorted last.
    if (Double.isNaN(sorted[sorted.length - 1])) {
      return Double.NaN;
    }
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
