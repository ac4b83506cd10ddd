package org.dfp4j.layers.stats;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

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

  /** The points from the first iteration of another run to its last; empty where there is none. */
  public Optional<Curve> during(Curve other) {
    int first = other.points.get(0).iteration();
    int last = other.lastIteration();
    List<TrainingPoint> kept =
        points.stream().filter(p -> first <= p.iteration() && p.iteration() <= last).toList();
    return kept.isEmpty() ? Optional.empty() : Optional.of(new Curve(kept));
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

  /**
   * Mean scores of {@code 2 · radius + 1} points, fewer at both ends.
   *
   * <p>Takes 3 additions a point, whatever the radius: the scores are cut into blocks of one
   * window's length, and a window is the end of one block and the start of the next. Nothing is
   * subtracted, so that a score which is huge or not finite changes no mean without it.
   */
  public double[] smoothed(int radius) {
    double[] all = scores();
    int n = all.length;
    int block = (int) Math.min(2L * radius + 1, n);
    double[] fromStart = new double[n];
    double[] toEnd = new double[n];
    for (int i = 0; i < n; i++) {
      fromStart[i] = i % block == 0 ? all[i] : fromStart[i - 1] + all[i];
      int j = n - 1 - i;
      toEnd[j] = i == 0 || (j + 1) % block == 0 ? all[j] : all[j] + toEnd[j + 1];
    }
    double[] smooth = new double[n];
    for (int i = 0; i < n; i++) {
      int first = Math.max(0, i - radius);
      int last = (int) Math.min(n - 1L, (long) i + radius);
      double sum;
      if (first % block == 0) {
        sum = fromStart[last];
      } else if (first / block == last / block) {
        sum = toEnd[first];
      } else {
        sum = toEnd[first] + fromStart[last];
      }
      smooth[i] = sum / (last - first + 1);
    }
    return smooth;
  }

  /** Median seconds an iteration; of more than six the first three do not count. NaN for none. */
  public double secondsPerIteration() {
    return median(TrainingPoint::seconds);
  }

  /** Median of the examples a second of the same iterations; NaN where not known. */
  public double examplesPerSecond() {
    return median(point -> point.examples() == 0 ? Double.NaN : point.examples() / point.seconds());
  }

  private double median(ToDoubleFunction<TrainingPoint> value) {
    double[] sorted =
        points.stream()
            .skip(size() > 2 * WARM_UP ? WARM_UP : 0)
            .mapToDouble(value)
            .filter(one -> !Double.isNaN(one))
            .sorted()
            .toArray();
    int middle = sorted.length / 2;
    if (sorted.length == 0) {
      return Double.NaN;
    }
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
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
