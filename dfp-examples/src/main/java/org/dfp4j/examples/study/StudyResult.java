package org.dfp4j.examples.study;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dfp4j.examples.models.Precision;

/**
 * What the runs of a study come to.
 *
 * @param models with at least one seed that is complete in both precisions
 * @param notComplete titles of the runs that have begun and are not complete, with their epochs
 * @param environments what the runs ran on
 */
public record StudyResult(
    List<ModelResult> models, List<String> notComplete, List<Environment> environments) {

  /** The result of all runs of a folder. */
  static StudyResult of(List<RunRecord> runs) {
    return new StudyResult(
        twins(runs).values().stream()
            .filter(twins -> !twins.isEmpty())
            .map(ModelResult::of)
            .toList(),
        runs.stream().filter(run -> !run.complete()).map(StudyResult::progress).toList(),
        runs.stream().map(RunRecord::environment).distinct().toList());
  }

  private static String progress(RunRecord run) {
    return "%s, %d of %d epochs"
        .formatted(run.plan().title(), run.epochs().size(), run.plan().epochs());
  }

  /** By model, in the order of the seeds. */
  static Map<String, List<Twins>> twins(List<RunRecord> runs) {
    List<RunRecord> complete = new ArrayList<>(runs.stream().filter(RunRecord::complete).toList());
    complete.sort((a, b) -> Long.compare(a.plan().settings().seed(), b.plan().settings().seed()));
    Map<String, List<Twins>> twins = new LinkedHashMap<>();
    for (RunRecord run : runs) {
      twins.put(run.plan().settings().model(), new ArrayList<>());
    }
    for (RunRecord run : complete) {
      if (run.plan().precision() == Precision.FP32) {
        twin(run, complete)
            .ifPresent(
                other -> twins.get(run.plan().settings().model()).add(new Twins(run, other)));
      }
    }
    return twins;
  }

  private static Optional<RunRecord> twin(RunRecord fp32, List<RunRecord> runs) {
    return runs.stream()
        .filter(run -> run.plan().precision() == Precision.DFP16)
        .filter(run -> run.plan().settings().equals(fp32.plan().settings()))
        .findFirst();
  }
}
