package org.dfp4j.layers.stats;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * How one run compares with another, in words that are computed.
 *
 * <p>Both runs are cut to the iterations that both have; where there is none, all three numbers are
 * NaN. Their scores at the end are {@link Curve#scoreAtEnd}, means of w points. The noise is two
 * standard errors of their difference,
 *
 * <pre>
 *   noise = 2 · √(spread(a) / w + spread(b) / w)
 * </pre>
 *
 * where spread is the variance of a run's scores around its smoothed ones over the last half. From
 * one run each it cannot be told how much two runs of the same precision would differ.
 *
 * @param text one or two sentences
 * @param difference score at the end of the one minus that of the baseline; NaN where one diverged
 * @param noise of the difference, not negative; NaN where there are fewer than 10 iterations
 * @param speed baseline's time for an example over the other's; NaN where not known
 */
public record Verdict(String text, double difference, double noise, double speed) {

  private static final int FEWEST_POINTS = 10;
  private static final double SAME_SPEED = 0.02;

  /**
   * A run to be compared.
   *
   * @param name in the text
   * @param curve scores and times
   * @param heldOut accuracy; null where not measured
   */
  public record Run(String name, Curve curve, HeldOut heldOut) {

    public Run {
      Objects.requireNonNull(name, "name: expected one, got null");
      Objects.requireNonNull(curve, "curve: expected one, got null");
    }
  }

  /** Compares a run with a baseline. */
  public static Verdict of(Run baseline, Run run) {
    Optional<Curve> ofBaseline = baseline.curve().during(run.curve());
    Optional<Curve> ofRun = run.curve().during(baseline.curve());
    if (ofBaseline.isEmpty() || ofRun.isEmpty()) {
      return new Verdict(
          baseline.name()
              + " and "
              + run.name()
              + " have no iteration in common."
              + accuracyText(baseline, run),
          Double.NaN,
          Double.NaN,
          Double.NaN);
    }
    Curve a = ofBaseline.get();
    Curve b = ofRun.get();
    int iterations = Math.min(a.size(), b.size());
    double difference = b.scoreAtEnd() - a.scoreAtEnd();
    double noise = noise(a, b);
    double speed = speed(a, b);
    StringBuilder text = new StringBuilder();
    text.append("After ")
        .append(iterations)
        .append(iterations == 1 ? " iteration " : " iterations ")
        .append(
            Double.isFinite(difference)
                ? score(baseline.name(), run.name(), a.scoreAtEnd(), difference, noise)
                : diverged(baseline.name(), a, run.name(), b))
        .append(speedText(speed))
        .append('.')
        .append(accuracyText(baseline, run));
    return new Verdict(
        text.toString(), Double.isFinite(difference) ? difference : Double.NaN, noise, speed);
  }

  /** True where the scores at the end differ by no more than the noise. */
  public boolean withinNoise() {
    return Math.abs(difference) <= noise;
  }

  private static double noise(Curve a, Curve b) {
    if (Math.min(a.size(), b.size()) < FEWEST_POINTS) {
      return Double.NaN;
    }
    return 2 * Math.sqrt(a.spread() / a.averaged() + b.spread() / b.averaged());
  }

  private static double speed(Curve a, Curve b) {
    double ratio = b.examplesPerSecond() / a.examplesPerSecond();
    return Double.isNaN(ratio) ? a.secondsPerIteration() / b.secondsPerIteration() : ratio;
  }

  private static String score(
      String baseline, String name, double reference, double difference, double noise) {
    // A share of the baseline's score says nothing where that may be zero or negative.
    boolean relative = reference > 0;
    String unit = relative ? " %" : "";
    double scale = relative ? 100 / reference : 1;
    String amount = number(Math.abs(difference) * scale, relative);
    boolean same = amount.equals(number(0, relative));
    String direction = difference < 0 ? " below " : " above ";
    String compared = same ? "equal to " : amount + unit + direction;
    String text = name + "'s score is " + compared + baseline + "'s, ";
    if (Double.isNaN(noise)) {
      return text + "too few iterations to tell it from noise";
    }
    String where = Math.abs(difference) <= noise ? "within" : "outside";
    return text + where + " the noise (± " + number(noise * scale, relative) + unit + ")";
  }

  private static String number(double value, boolean percent) {
    return String.format(Locale.ROOT, percent ? "%.1f" : "%.3g", value);
  }

  private static String diverged(String baseline, Curve a, String name, Curve b) {
    return state(baseline, a) + " and " + state(name, b);
  }

  private static String state(String name, Curve curve) {
    double[] scores = curve.scores();
    int first =
        IntStream.range(0, scores.length)
            .filter(i -> !Double.isFinite(scores[i]))
            .findFirst()
            .orElse(-1);
    return first < 0
        ? String.format(Locale.ROOT, "%s's score is %.3f", name, curve.scoreAtEnd())
        : name + " has diverged, in iteration " + curve.points().get(first).iteration();
  }

  private static String speedText(double speed) {
    if (Double.isNaN(speed) || Double.isInfinite(speed)) {
      return "";
    }
    if (Math.abs(speed - 1) <= SAME_SPEED) {
      return ", and it is as fast";
    }
    return speed > 1
        ? String.format(Locale.ROOT, ", and it is %.1f times as fast", speed)
        : String.format(Locale.ROOT, ", and it takes %.1f times as long", 1 / speed);
  }

  private static String accuracyText(Run baseline, Run run) {
    HeldOut a = baseline.heldOut();
    HeldOut b = run.heldOut();
    if (a == null || b == null || Double.isNaN(a.accuracy() + b.accuracy())) {
      return "";
    }
    double noise = 2 * Math.sqrt(variance(a) + variance(b));
    String where = Math.abs(a.accuracy() - b.accuracy()) <= noise ? "within" : "outside";
    return String.format(
        Locale.ROOT,
        " Held-out accuracy is %.1f %%, against %.1f %%, %s the noise of %d examples"
            + " (± %.1f points).",
        100 * b.accuracy(),
        100 * a.accuracy(),
        where,
        Math.min(a.examples(), b.examples()),
        100 * noise);
  }

  /** Of a share of so many examples. */
  private static double variance(HeldOut heldOut) {
    return heldOut.accuracy() * (1 - heldOut.accuracy()) / heldOut.examples();
  }
}
