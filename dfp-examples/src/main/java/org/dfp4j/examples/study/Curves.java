package org.dfp4j.examples.study;

import java.util.List;
import java.util.OptionalInt;

/** Questions to the epochs of a run. */
final class Curves {

  private Curves() {}

  /** The last accuracy. */
  static double lastAccuracy(RunRecord run) {
    return last(run).accuracy();
  }

  /** The last epoch. */
  static EpochResult last(RunRecord run) {
    return run.epochs().get(run.epochs().size() - 1);
  }

  /** The best accuracy after any epoch. */
  static double bestAccuracy(RunRecord run) {
    return run.epochs().stream().mapToDouble(EpochResult::accuracy).max().orElse(Double.NaN);
  }

  /** Iterations until the accuracy after an epoch is {@code target} for the first time. */
  static OptionalInt iterationsTo(double target, RunRecord run) {
    return run.epochs().stream()
        .filter(epoch -> epoch.accuracy() >= target)
        .mapToInt(EpochResult::iterations)
        .findFirst();
  }

  /**
   * How much the accuracy still rises at the end: the mean of the last two epochs less that of the
   * two before; NaN of fewer than four epochs.
   */
  static double rise(RunRecord run) {
    List<EpochResult> epochs = run.epochs();
    int n = epochs.size();
    if (n < 4) {
      return Double.NaN;
    }
    return (epochs.get(n - 1).accuracy()
            + epochs.get(n - 2).accuracy()
            - epochs.get(n - 3).accuracy()
            - epochs.get(n - 4).accuracy())
        / 2;
  }

  /** Mean seconds of a training iteration. */
  static double secondsAnIteration(RunRecord run) {
    double seconds = run.epochs().stream().mapToDouble(EpochResult::trainSeconds).sum();
    return seconds / last(run).iterations();
  }
}
