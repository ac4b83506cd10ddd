package org.dfp4j.examples.compare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What is computed from scores and seconds. */
class RunResultTest {

  private static RunResult seconds(Double... seconds) {
    return new RunResult(List.of(seconds), null, List.of(seconds));
  }

  @Test
  void medianLeavesTheWarmUpOut() {
    assertEquals(2.5, seconds(9., 9., 9., 4., 1., 2., 3.).secondsPerIteration());
    assertEquals(3, seconds(9., 9., 9., 1., 4., 5., 3., 2.).secondsPerIteration());
  }

  @Test
  void medianOfFewIterationsTakesAll() {
    assertEquals(9, seconds(9.).secondsPerIteration());
    assertEquals(5, seconds(9., 1.).secondsPerIteration());
    assertEquals(5, seconds(9., 9., 9., 1., 1., 1.).secondsPerIteration());
  }

  @Test
  void scoreAtStartAndEndAreMeans() {
    RunResult few = seconds(7., 5., 3.);
    assertEquals(7, few.scoreAtStart());
    assertEquals(3, few.scoreAtEnd());
    RunResult many = seconds(1., 2., 3., 4., 5., 0., 0., 0., 0., 0., 0., 0., 6., 7., 8., 9., 10.);
    assertEquals(3, many.scoreAtStart());
    assertEquals(8, many.scoreAtEnd());
  }

  @Test
  void smoothedIsTheMeanOfTheNeighbours() {
    assertArrayEquals(new double[] {2, 3, 5, 6}, seconds(1., 3., 5., 7.).smoothed(1));
  }

  @Test
  void asManySecondsAsScores() {
    List<Double> one = List.of(1.);
    List<Double> two = List.of(1., 2.);
    assertThrows(IllegalArgumentException.class, () -> new RunResult(one, null, two));
    assertThrows(IllegalArgumentException.class, () -> new RunResult(List.of(), null, List.of()));
  }
}
