package org.dfp4j.layers.stats;

import java.util.Arrays;
import java.util.List;

/**
 * Scores and times of one run, and what they come to.
 *
 * @param points in the order of their iterations; at least one
 */
public record Curve(List<TrainingPoint> points) {

  private static final int WARM_UP = 3;
  private static final int FEWEST_AVERAGED = 5;

  public Curve {
    points = List.copyOf(points);
    if (points.isEmpty()) {
      throw new IllegalArgumentException("points: expected at least one, got none");
    }
  }

  /** Number of points. */
  public int size() {
    return points.size();
  }

  /** The last iteration. */
  public int lastIteration() {
    return points.get(points.size() - 1).iteration();
  }

  /** The score of each point. */
  public double[] scores() {
    return points.stream().mapToDouble(TrainingPoint::score).toArray();
  }

  /** The points up to an iteration, at least one. */
  public Curve until(int iteration) {
    List<TrainingPoint> kept = points.stream().filter(p -> p.iteration() <= iteration).toList();
    return new Curve(kept.isEmpty() ? points.subList(0, 1) : kept);
  }

  /**
   * Mean score of the first points: a twentieth of them, at least five, but a third of them where
   * there are fewer than 15.
   */
  public double scoreAtStart() {
    return Arrays.stream(scores(), 0, averaged()).average().orElseThrow();
  }

  /** Mean score of as many points at the end. */
  public double scoreAtEnd() {
    return Arrays.stream(scores(), size() - averaged(), size()).average().orElseThrow();
  }

  /** How many points {@link #scoreAtStart} and {@link #scoreAtEnd} are means of. */
  int averaged() {
    return Math.max(1, Math.min(Math.max(FEWEST_AVERAGED, radius()), size() / 3));
  }

  /** The radius of {@link #smoothed} that charts use: a twentieth of the points. */
  public int radius() {
    return Math.max(1, size() / 20);
  }

  /** Mean scores of {@code 2 · radius + 1} points, fewer at both ends. */
  public double[] smoothed(int radius) {
    double[] all = scores();
    double[] smooth = new double[all.length];
    for (int i = 0; i < all.length; i++) {
      int from = Math.max(0, i - radius);
      int to = Math.min(all.length, i + radius + 1);
      smooth[i] = Arrays.stream(all, from, to).average().orElseThrow();
    }
    return smooth;
  }

  /** Median seconds an iteration; of more than six the first three do not count. NaN for none. */
  public double secondsPerIteration() {
    double[] sorted =
        points.stream()
            .skip(size() > 2 * WARM_UP ? WARM_UP : 0)
            .mapToDouble(TrainingPoint::seconds)
            .filter(seconds -> !Double.isNaN(seconds))
            .sorted()
            .toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  /** Examples a second; NaN where not known. */
  public double examplesPerSecond() {
    int examples = points.get(size() - 1).examples();
    return examples == 0 ? Double.NaN : examples / secondsPerIteration();
  }

  /**
   * Variance of the scores around the smoothed ones, over the last half: what one batch differs
   * from the next. A smoothed score holds the raw one's share of 1 / (2 · radius + 1); that is made
   * up for.
   */
  double spread() {
    int radius = radius();
    double[] raw = scores();
    double[] smooth = smoothed(radius);
    double sum = 0;
    int from = size() / 2;
    for (int i = from; i < size(); i++) {
      int window = Math.min(size(), i + radius + 1) - Math.max(0, i - radius);
      double residual = raw[i] - smooth[i];
      sum += residual * residual / (1 - 1.0 / window);
    }
    return sum / (size() - from);
  }
}
