package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.ArrayList;
import java.util.List;

/**
 * A run so far: the content of its file.
 *
 * @param plan what it does
 * @param environment what its last part ran on
 * @param epochs the finished ones
 * @param begun of the epoch that has begun
 * @param right after the last epoch, a 1 or a 0 for each held-out image: classified right or not;
 *     empty before
 */
public record RunRecord(
    RunPlan plan, Environment environment, List<EpochResult> epochs, Begun begun, String right) {

  /** Copies the list. */
  public RunRecord {
    epochs = List.copyOf(epochs);
  }

  /**
   * Sums over the iterations of an epoch.
   *
   * @param score of DL4J's scores
   * @param seconds in training iterations
   */
  public record Begun(double score, double seconds) {
    static final Begun NOTHING = new Begun(0, 0);

    Begun plus(double oneScore, double oneSeconds) {
      return new Begun(score + oneScore, seconds + oneSeconds);
    }
  }

  /** A run of which nothing is done. */
  static RunRecord start(RunPlan plan, Environment environment) {
    return new RunRecord(plan, environment, List.of(), Begun.NOTHING, "");
  }

  /** The same on the machine of this process. */
  RunRecord on(Environment now) {
    return new RunRecord(plan, now, epochs, begun, right);
  }

  /** With one more iteration. */
  RunRecord plus(double score, double seconds) {
    return new RunRecord(plan, environment, epochs, begun.plus(score, seconds), right);
  }

  /** With one more epoch. */
  RunRecord plusEpoch(HeldOutTest test, double testSeconds) {
    List<EpochResult> more = new ArrayList<>(epochs);
    int number = epochs.size() + 1;
    more.add(
        new EpochResult(
            number,
            number * plan.perEpoch(),
            begun.score() / plan.perEpoch(),
            test.accuracy(),
            test.loss(),
            begun.seconds(),
            testSeconds));
    String images = number == plan.epochs() ? test.right() : "";
    return new RunRecord(plan, environment, more, Begun.NOTHING, images);
  }

  /** True where all epochs are done. */
  @JsonIgnore
  public boolean complete() {
    return epochs.size() == plan.epochs();
  }
}
