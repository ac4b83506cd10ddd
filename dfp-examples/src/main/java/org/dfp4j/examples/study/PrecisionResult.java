package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * The runs of a model in one precision.
 *
 * @param arithmetic as in {@link RunPlan}
 * @param libraries what computed the convolutions
 * @param accuracy on the held-out images after the last epoch, 0 to 1
 * @param loss on the held-out images after the last epoch
 * @param score mean of the last epoch
 * @param rise of the accuracy at the end, mean of {@link Curves#rise}; null of fewer than four
 *     epochs
 * @param secondsAnIteration mean; other programs may have run meanwhile
 */
public record PrecisionResult(
    String arithmetic,
    List<String> libraries,
    Sample accuracy,
    Sample loss,
    Sample score,
    @JsonInclude Double rise,
    double secondsAnIteration) {

  static PrecisionResult of(List<RunRecord> runs) {
    double rise = sample(runs, Curves::rise).mean();
    return new PrecisionResult(
        runs.get(0).plan().arithmetic(),
        runs.stream().map(run -> run.environment().library()).distinct().sorted().toList(),
        sample(runs, Curves::lastAccuracy),
        sample(runs, run -> Curves.last(run).loss()),
        sample(runs, run -> Curves.last(run).score()),
        Double.isNaN(rise) ? null : rise,
        sample(runs, Curves::secondsAnIteration).mean());
  }

  private static Sample sample(List<RunRecord> runs, ToDoubleFunction<RunRecord> value) {
    return Sample.of(runs.stream().mapToDouble(value).toArray());
  }

  /**
   * Whether the accuracy no longer rises: by less than its standard error over the images, {@code
   * √(p (1 − p) / images)}.
   */
  boolean settled(int images) {
    double p = accuracy.mean();
    return rise != null && rise < Math.sqrt(p * (1 - p) / images);
  }
}
