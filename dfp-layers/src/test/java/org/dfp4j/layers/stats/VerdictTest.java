package org.dfp4j.layers.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two runs in words. */
class VerdictTest {

  private static Curve curve(int length, double seconds, IntToDoubleFunction score) {
    return new Curve(
        IntStream.range(0, length)
            .mapToObj(i -> new TrainingPoint(i, score.applyAsDouble(i), seconds, 16))
            .toList());
  }

  private static Verdict compare(Curve fp32, Curve dfp16) {
    return Verdict.of(new Verdict.Run("FP32", fp32, null), new Verdict.Run("DFP-16", dfp16, null));
  }

  /** Up and down by so much from one iteration to the next. */
  private static IntToDoubleFunction zigzag(double mean, double amplitude) {
    return i -> mean + (i % 2 == 0 ? amplitude : -amplitude);
  }

  @Test
  void withinTheNoise() {
    Verdict verdict = compare(curve(100, 2, zigzag(2, 0.2)), curve(100, 0.5, zigzag(1.99, 0.2)));
    assertTrue(verdict.withinNoise());
    assertEquals(-0.01, verdict.difference(), 1e-12);
    assertEquals(4, verdict.speed());
    // Of 11 scores in turns, six are on the other side: 0.2 is off the smoothed one by 12/11 of it.
    double spread = Math.pow(0.2 * 12 / 11, 2) / (1 - 1.0 / 11);
    assertEquals(2 * Math.sqrt(2 * spread / 5), verdict.noise(), 0.002);
    assertTrue(
        verdict
            .text()
            .matches(
                "After 100 iterations DFP-16's score is 0\\.5 % below FP32's, within the noise"
                    + " \\(± 14\\.\\d %\\), and it is 4\\.0 times as fast\\."),
        verdict.text());
  }

  @Test
  void outsideTheNoise() {
    Verdict verdict = compare(curve(100, 1, zigzag(2, 0.01)), curve(100, 1.3, zigzag(2.5, 0.01)));
    assertFalse(verdict.withinNoise());
    assertTrue(
        verdict.text().startsWith("After 100 iterations DFP-16's score is 25.0 % above FP32's,"),
        verdict.text());
    assertTrue(verdict.text().contains("outside the noise"), verdict.text());
    assertTrue(verdict.text().endsWith("and it takes 1.3 times as long."), verdict.text());
  }

  @Test
  void equalRuns() {
    Curve curve = curve(20, 1, i -> 3 - 0.1 * i);
    Verdict verdict = compare(curve, curve);
    assertEquals(0, verdict.difference());
    assertTrue(
        verdict.text().startsWith("After 20 iterations DFP-16's score is equal to FP32's, within"),
        verdict.text());
    assertTrue(verdict.text().endsWith("and it is as fast."), verdict.text());
  }

  @Test
  void onlyCommonIterationsCount() {
    Curve all = curve(40, 1, i -> 40 - i);
    Verdict verdict = compare(all, curve(30, 1, i -> 40 - i));
    assertEquals(0, verdict.difference());
    assertTrue(verdict.text().startsWith("After 30 iterations"), verdict.text());
  }

  @Test
  void fewIterationsTellNothing() {
    Verdict verdict = compare(curve(1, 1, i -> 2), curve(1, 1, i -> 1));
    assertEquals(
        "After 1 iteration DFP-16's score is 50.0 % below FP32's, too few iterations to tell it"
            + " from noise, and it is as fast.",
        verdict.text());
    assertTrue(Double.isNaN(verdict.noise()));
    assertFalse(verdict.withinNoise());
  }

  @Test
  void divergedRuns() {
    Curve good = curve(20, 1, i -> 2);
    Curve bad = curve(20, 1, i -> i < 7 ? 3 : Double.NaN);
    assertEquals(
        "After 20 iterations FP32's score is 2.000 and DFP-16 has diverged, in iteration 7, and it"
            + " is as fast.",
        compare(good, bad).text());
    assertTrue(
        compare(bad, bad).text().contains("FP32 has diverged, in iteration 7 and DFP-16 has"),
        compare(bad, bad).text());
  }

  @Test
  void scoresBelowZeroAreNotShares() {
    String text = compare(curve(20, 1, i -> -2), curve(20, 1, i -> -2.5)).text();
    assertTrue(text.contains("DFP-16's score is 0.500 below FP32's, outside"), text);
  }

  @Test
  void accuracyHasItsOwnNoise() {
    Curve curve = curve(20, 1, i -> 2);
    Verdict.Run fp32 = new Verdict.Run("FP32", curve, new HeldOut(20, 0.5, 320));
    Verdict.Run near = new Verdict.Run("DFP-16", curve, new HeldOut(20, 0.53, 320));
    Verdict.Run far = new Verdict.Run("DFP-16", curve, new HeldOut(20, 0.7, 320));
    assertTrue(
        Verdict.of(fp32, near)
            .text()
            .endsWith(
                " Held-out accuracy is 53.0 %, against 50.0 %, within the noise of 320 examples"
                    + " (± 7.9 points)."),
        Verdict.of(fp32, near).text());
    assertTrue(Verdict.of(fp32, far).text().contains("outside the noise of 320 examples"));
  }

  @Test
  void speedIsByExampleWhereBatchesDiffer() {
    Curve fp32 = curve(20, 1, i -> 2);
    Curve dfp16 =
        new Curve(
            fp32.points().stream()
                .map(p -> new TrainingPoint(p.iteration(), p.score(), 1, 32))
                .toList());
    assertEquals(2, compare(fp32, dfp16).speed());
    Curve untimed = curve(20, Double.NaN, i -> 2);
    assertTrue(compare(fp32, untimed).text().endsWith("(± 0.0 %)."), compare(fp32, untimed).text());
  }

  @Test
  void theSpreadOfSmoothedNoiseIsThatOfTheNoise() {
    java.util.Random random = new java.util.Random(5);
    double[] noise = IntStream.range(0, 4000).mapToDouble(i -> random.nextGaussian()).toArray();
    // Seed 5; the standard error of a variance of 2000 values is 3 %.
    assertEquals(1, curve(4000, 1, i -> noise[i]).spread(), 0.1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 7, 19, 20, 40, 100})
  void smoothedScoresAreMeansOfTheirWindows(int radius) {
    int length = 41;
    Curve curve =
        curve(length, 1, i -> i == 9 ? Double.NaN : i == 20 ? 1e30 : i == 31 ? 1 / 0.0 : i * i);
    double[] raw = curve.scores();
    double[] smooth = curve.smoothed(radius);
    for (int i = 0; i < length; i++) {
      int from = Math.max(0, i - radius);
      int to = Math.min(length, i + radius + 1);
      double mean = Arrays.stream(raw, from, to).average().orElseThrow();
      // Squares are summed exactly; beside 1e30 each of 41 additions rounds.
      double tolerance = Double.isFinite(mean) ? Math.abs(mean) * 50 * Math.ulp(1.0) : 0;
      assertEquals(mean, smooth[i], tolerance, "point " + i);
    }
  }

  /** 2 · 10^10 additions, were each window summed by itself. */
  @Test
  void aLongRunIsSmoothedInNoTime() {
    Curve curve = curve(500_000, 1, i -> 2);
    double[] smooth =
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> curve.smoothed(curve.radius()));
    assertTrue(Arrays.stream(smooth).allMatch(mean -> mean == 2));
  }

  @Test
  void longRunsAreJudgedByMorePoints() {
    Curve curve = curve(2000, 1, i -> i < 1900 ? 5 : i % 2 == 0 ? 1 : 3);
    assertEquals(100, curve.averaged());
    assertEquals(2, curve.scoreAtEnd());
    assertEquals(5, curve(16, 1, i -> 1).averaged());
    assertEquals(4, curve(12, 1, i -> 1).averaged());
  }

  @Test
  void runsAreCutToTheIterationsOfTheOther() {
    Curve curve = new Curve(List.of(new TrainingPoint(5, 1, 1, 1), new TrainingPoint(9, 2, 1, 1)));
    assertArrayEquals(new double[] {1}, curve.during(curve(8, 1, i -> 0)).orElseThrow().scores());
    assertArrayEquals(
        new double[] {1, 2}, curve.during(curve(10, 1, i -> 0)).orElseThrow().scores());
    assertEquals(Optional.empty(), curve.during(curve(3, 1, i -> 0)));
  }

  private static Curve later(int iterations, Curve curve) {
    return new Curve(
        curve.points().stream()
            .map(
                p ->
                    new TrainingPoint(
                        p.iteration() + iterations, p.score(), p.seconds(), p.examples()))
            .toList());
  }

  @Test
  void runsWithoutACommonIterationAreNotCompared() {
    Curve early = curve(400, 1, i -> 2);
    Verdict verdict = compare(early, later(1000, early));
    assertEquals("FP32 and DFP-16 have no iteration in common.", verdict.text());
    assertTrue(Double.isNaN(verdict.difference()));
    assertTrue(Double.isNaN(verdict.noise()));
    assertTrue(Double.isNaN(verdict.speed()));
    String text = compare(early, later(300, early)).text();
    assertTrue(text.startsWith("After 100 iterations"), text);
  }

  @Test
  void examplesASecondAreThoseOfTheSameIterations() {
    Curve full = curve(20, 0.5, i -> 2);
    List<TrainingPoint> points = new ArrayList<>(full.points());
    points.add(new TrainingPoint(20, 2, 0.1, 1));
    assertEquals(32, new Curve(points).examplesPerSecond());
    points.replaceAll(p -> new TrainingPoint(p.iteration(), p.score(), p.seconds(), 0));
    assertTrue(Double.isNaN(new Curve(points).examplesPerSecond()));
  }
}
