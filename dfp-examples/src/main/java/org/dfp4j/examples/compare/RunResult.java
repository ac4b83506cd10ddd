package org.dfp4j.examples.compare;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.Arrays;
import java.util.List;

/**
 * What one network's run gave.
 *
 * @param scores of each iteration's batch, regularization included
 * @param accuracy on the held-out images, 0 to 1; null where none was measured or the network gives
 *     NaN
 * @param seconds of each iteration
 */
public record RunResult(List<Double> scores, @JsonInclude Double accuracy, List<Double> seconds) {

  private static final int WARM_UP = 3;
  private static final int AVERAGED = 5;

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

  /** Median seconds an iteration; of more than six iterations the first three do not count. */
  @JsonProperty
  public double secondsPerIteration() {
    int from = seconds.size() > 2 * WARM_UP ? WARM_UP : 0;
    double[] sorted =
        seconds.stream().skip(from).mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Mean score of the first iterations: five, or a third of them where there are fewer than 15. */
  @JsonIgnore
  public double scoreAtStart() {
    return mean(scores.subList(0, averaged()));
  }

  /** Mean score of as many iterations at the end. */
  @JsonIgnore
  public double scoreAtEnd() {
    return mean(scores.subList(scores.size() - averaged(), scores.size()));
  }

  private int averaged() {
    return Math.max(1, Math.min(AVERAGED, scores.size() / 3));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(Double::doubleValue).average().orElseThrow();
  }

  /** Means over {@code 2 · radius + 1} iterations, fewer at both ends. */
  double[] smoothed(int radius) {
    double[] all = scores.stream().mapToDouble(Double::doubleValue).toArray();
    double[] smooth = new double[all.length];
    for (int i = 0; i < all.length; i++) {
      int from = Math.max(0, i - radius);
      int to = Math.min(all.length, i + radius + 1);
      smooth[i] = Arrays.stream(all, from, to).average().orElseThrow();
    }
    return smooth;
  }
}
