package org.dfp4j.examples.compare;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.dfp4j.layers.stats.Curve;
import org.dfp4j.layers.stats.TrainingPoint;

/**
 * What one network's run gave.
 *
 * @param scores of each iteration's batch, regularization included
 * @param accuracy on the held-out images, 0 to 1; null where none was measured or the network gives
 *     NaN
 * @param seconds of each iteration
 */
public record RunResult(List<Double> scores, @JsonInclude Double accuracy, List<Double> seconds) {

  /** Copies the lists; an accuracy of NaN was not measured. */
  public RunResult {
    scores = List.copyOf(scores);
    seconds = List.copyOf(seconds);
    accuracy = accuracy == null || accuracy.isNaN() ? null : accuracy;
    if (scores.isEmpty() || scores.size() != seconds.size()) {
      throw new IllegalArgumentException(
          "seconds: expected as many as scores and at least one, got "
              + seconds.size()
              + " for "
              + scores.size());
    }
  }

  /** The scores and times as points. */
  Curve curve(int batch) {
    List<TrainingPoint> points = new ArrayList<>();
    for (int i = 0; i < scores.size(); i++) {
      points.add(new TrainingPoint(i, scores.get(i), seconds.get(i), batch));
    }
    return new Curve(points);
  }

  private Curve curve() {
    return curve(0);
  }

  /** Median seconds an iteration; of more than six iterations the first three do not count. */
  @JsonProperty
  public double secondsPerIteration() {
    return curve().secondsPerIteration();
  }

  /** Mean score of the first iterations, as {@link Curve#scoreAtStart} says how many. */
  @JsonIgnore
  public double scoreAtStart() {
    return curve().scoreAtStart();
  }

  /** Mean score of as many iterations at the end. */
  @JsonIgnore
  public double scoreAtEnd() {
    return curve().scoreAtEnd();
  }

  /** Means over {@code 2 · radius + 1} iterations, fewer at both ends. */
  double[] smoothed(int radius) {
    return curve().smoothed(radius);
  }
}
