package org.dfp4j.examples.study;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.data.ImageData;

/**
 * The runs of a study, one after the other. Those that other processes train are left to them.
 *
 * @param folder of the study
 * @param plans its runs, in the order in which to train them
 * @param data the images of a run
 */
public record Study(StudyFolder folder, List<RunPlan> plans, Function<RunPlan, ImageData> data) {

  /** Somebody who hears of complete runs. */
  @FunctionalInterface
  public interface Listener {
    /** A run is complete, and written down. */
    void completed(RunRecord run) throws IOException;
  }

  /** Copies the list. */
  public Study {
    plans = List.copyOf(plans);
  }

  /** Iterations that are not done yet, as far as the files say. */
  public int remaining() {
    return plans.stream().mapToInt(this::remaining).reduce(0, Math::addExact);
  }

  private int remaining(RunPlan plan) {
    int done = folder.record(plan).map(run -> run.epochs().size()).orElse(0);
    return (plan.epochs() - done) * plan.perEpoch();
  }

  /**
   * Trains what is not complete.
   *
   * @param stop true ends it after the running iteration
   * @param listener hears of each run that this call completes
   * @return the runs that other processes train
   */
  public List<RunPlan> train(BooleanSupplier stop, Progress progress, Listener listener)
      throws IOException {
    List<RunPlan> elsewhere = new ArrayList<>();
    for (RunPlan plan : plans) {
      if (stop.getAsBoolean()) {
        break;
      }
      Optional<StudyFolder.Lock> lock = folder.lock(plan);
      if (lock.isEmpty()) {
        elsewhere.add(plan);
        progress.leaveOut(remaining(plan));
        continue;
      }
      StudyFolder.Lock held = lock.get();
      try (held) {
        if (remaining(plan) > 0) {
          RunRecord run = new RunTrainer(folder, plan, data.apply(plan)).train(stop, progress);
          if (run.complete()) {
            listener.completed(run);
          }
        }
      }
    }
    return elsewhere;
  }
}
