package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** Medians without the warm-up. */
class TimesTest {

  private static Times of(long... nanos) {
    Times times = new Times(2, nanos.length - 2);
    for (long time : nanos) {
      times.add(time);
    }
    return times;
  }

  @Test
  void warmUpDoesNotCount() {
    assertEquals(3, of(90_000_000, 80_000_000, 7_000_000, 1_000_000, 3_000_000).medianMillis());
  }

  @Test
  void evenCountsTakeTheMiddleOfTwo() {
    assertEquals(2.5, of(0, 0, 9_000_000, 2_000_000, 3_000_000, 1_000_000).medianMillis());
  }

  @Test
  void missingRepetitionsAreAnError() {
    Times times = new Times(2, 3);
    times.add(1);
    assertThrows(IllegalStateException.class, times::medianMillis);
  }
}
