package org.dfp4j.examples.bench;

import java.util.Arrays;

/** Times of one kind: the warm-up is dropped, the median of the others counts. */
final class Times {

  private static final double NANOS_PER_MILLI = 1e6;

  private final long[] nanos;
  private final int warmUp;
  private int count;

  Times(int warmUp, int repetitions) {
    this.warmUp = warmUp;
    this.nanos = new long[repetitions];
  }

  void add(long time) {
    if (count >= warmUp) {
      nanos[count - warmUp] = time;
    }
    count++;
  }

  double medianMillis() {
    if (count != warmUp + nanos.length) {
      throw new IllegalStateException(
          "repetitions: expected " + (warmUp + nanos.length) + ", got " + count);
    }
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    double median =
        sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
    return median / NANOS_PER_MILLI;
  }
}
