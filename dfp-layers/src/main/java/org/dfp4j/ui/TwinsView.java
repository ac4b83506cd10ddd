package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.dfp4j.layers.stats.Curve;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.RunInfo;
import org.dfp4j.layers.stats.TrainingPoint;
import org.dfp4j.layers.stats.Verdict;

/**
 * Runs side by side; the first that was asked for is the baseline.
 *
 * @param runs those that were asked for and have at least one iteration
 * @param verdicts on each but the baseline; none where the baseline waits or is missing
 * @param waiting those without an iteration yet
 * @param missing those that are not there, or no longer
 */
record TwinsView(
    List<Run> runs, List<String> verdicts, List<String> waiting, List<String> missing) {

  /** More points than that are thinned. */
  private static final int MOST_POINTS = 1000;

  /**
   * One run; the lists have a value for each point that is drawn.
   *
   * @param id of the session
   * @param name short, and different from the others'
   * @param iterations how many were run
   * @param iteration of each point
   * @param time trained until then, in seconds
   * @param score raw
   * @param smoothed as {@link Curve#smoothed} with its own radius
   * @param scoreAtStart mean of the first points
   * @param scoreAtEnd mean of the last points
   * @param secondsPerIteration median
   * @param examplesPerSecond NaN where not known
   * @param speed over the baseline's; NaN where that waits or is missing
   * @param heldOut accuracy; null where not measured
   */
  record Run(
      String id,
      String name,
      int iterations,
      List<Integer> iteration,
      List<Double> time,
      List<Double> score,
      List<Double> smoothed,
      double scoreAtStart,
      double scoreAtEnd,
      double secondsPerIteration,
      double examplesPerSecond,
      double speed,
      HeldOut heldOut) {}

  private record Candidate(Session session, Curve curve, RunInfo info, HeldOut heldOut) {}

  static TwinsView of(Sessions sessions, Query query) {
    List<Candidate> candidates = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    for (String id : query.all("session")) {
      Optional<Session> session = sessions.find(id);
      if (session.isEmpty()) {
        missing.add(id);
        continue;
      }
      List<TrainingPoint> points = session.get().points();
      if (points.isEmpty()) {
        waiting.add(id);
      } else {
        candidates.add(
            new Candidate(
                session.get(), new Curve(points), session.get().info(), session.get().heldOut()));
      }
    }
    return compare(query.text("session"), candidates, waiting, missing);
  }

  private static TwinsView compare(
      String first, List<Candidate> candidates, List<String> waiting, List<String> missing) {
    List<Run> runs = new ArrayList<>();
    List<String> verdicts = new ArrayList<>();
    Verdict.Run baseline = null;
    boolean named = differByPrecision(candidates);
    for (Candidate candidate : candidates) {
      String name = named ? candidate.info().precision() : candidate.session().id();
      Verdict.Run run = new Verdict.Run(name, candidate.curve(), candidate.heldOut());
      double speed = Double.NaN;
      if (candidate.session().id().equals(first)) {
        baseline = run;
        speed = 1;
      } else if (baseline != null) {
        Verdict verdict = Verdict.of(baseline, run);
        verdicts.add(verdict.text());
        speed = verdict.speed();
      }
      runs.add(run(candidate.session().id(), run, speed));
    }
    return new TwinsView(runs, verdicts, waiting, missing);
  }

  private static boolean differByPrecision(List<Candidate> candidates) {
    Set<String> seen = new HashSet<>();
    return candidates.stream()
        .allMatch(run -> run.info() != null && seen.add(run.info().precision()));
  }

  private static Run run(String id, Verdict.Run run, double speed) {
    Curve curve = run.curve();
    double[] scores = curve.scores();
    double[] smoothed = curve.smoothed(curve.radius());
    int step = (curve.size() + MOST_POINTS - 1) / MOST_POINTS;
    // The last point is drawn, whatever the step.
    int first = (curve.size() - 1) % step;
    List<Integer> iteration = new ArrayList<>();
    List<Double> time = new ArrayList<>();
    List<Double> score = new ArrayList<>();
    List<Double> smooth = new ArrayList<>();
    double seconds = 0;
    for (int i = 0; i < curve.size(); i++) {
      TrainingPoint point = curve.points().get(i);
      seconds += Double.isNaN(point.seconds()) ? 0 : point.seconds();
      if (i % step == first) {
        iteration.add(point.iteration());
        time.add(seconds);
        score.add(scores[i]);
        smooth.add(smoothed[i]);
      }
    }
    return new Run(
        id,
        run.name(),
        curve.lastIteration() + 1,
        iteration,
        time,
        score,
        smooth,
        curve.scoreAtStart(),
        curve.scoreAtEnd(),
        curve.secondsPerIteration(),
        curve.examplesPerSecond(),
        speed,
        run.heldOut());
  }
}
