package org.dfp4j.examples.reproducible;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.worker.ChildProcess;

/** Trains one network under several settings, each in a process of its own, one after another. */
public final class Verification {

  private static final double NANOS = 1e9;

  private final Workload workload;
  private final List<Job> jobs;
  private final Optional<Run> recorded;

  /**
   * One process.
   *
   * @param workload the same in all, unless a test wants a difference
   */
  record Job(Setting setting, Workload workload) {}

  /**
   * A verification of one or more settings.
   *
   * @param recorded a run of the same workload, whose bits all settings should have; where there is
   *     none, they should have those of the first setting
   */
  public Verification(Workload workload, List<Setting> settings, Optional<Run> recorded) {
    this(recorded, workload, settings.stream().map(s -> new Job(s, workload)).toList());
  }

  Verification(Optional<Run> recorded, Workload workload, List<Job> jobs) {
    if (jobs.isEmpty()) {
      throw new IllegalArgumentException("settings: expected one or more, got none");
    }
    this.workload = workload;
    this.jobs = List.copyOf(jobs);
    this.recorded = recorded;
  }

  /** Steps of progress. */
  public int progressSteps() {
    return jobs.stream().mapToInt(job -> job.workload().iterations()).sum();
  }

  /** Trains under all settings; then once more, under those that differ, up to where they do. */
  public VerificationReport run(Progress progress) {
    List<Run> runs = jobs.stream().map(job -> train(job, progress)).toList();
    Run reference = recorded.orElse(runs.get(0));
    Map<Integer, Trace> references = new TreeMap<>();
    List<Difference> differences = new ArrayList<>();
    for (int i = 0; i < runs.size(); i++) {
      int iteration = runs.get(i).firstDifference(reference);
      if (iteration < 0) {
        differences.add(null);
      } else if (iteration == 0) {
        differences.add(new Difference(0, "initial parameters"));
      } else if (recorded.isPresent()) {
        Fingerprint expected = reference.iterations().get(iteration - 1);
        Fingerprint got = runs.get(i).iterations().get(iteration - 1);
        differences.add(new Difference(iteration, got.differenceFrom(expected)));
      } else {
        Trace expected = references.computeIfAbsent(iteration, n -> trace(jobs.get(0), n));
        Trace got = trace(jobs.get(i), iteration);
        differences.add(new Difference(iteration, got.firstDifference(expected)));
      }
    }
    String cpu = Machine.kernels().cpu();
    return new VerificationReport(
        cpu, Versions.all(), workload, recorded.isPresent(), reference, runs, differences);
  }

  private static Run train(Job job, Progress progress) {
    List<Fingerprint> states = new ArrayList<>();
    try (ChildProcess process = start(job, 0)) {
      TrainingWorker.Start start = begin(process, job.setting());
      long begin = System.nanoTime();
      for (int i = 0; i < job.workload().iterations(); i++) {
        states.add(process.answer(Fingerprint.class));
        progress.step(job.setting().toString());
      }
      double seconds = (System.nanoTime() - begin) / NANOS;
      return new Run(job.setting(), start.parameters(), states, seconds);
    }
  }

  private static Trace trace(Job job, int iteration) {
    try (ChildProcess process = start(job, iteration)) {
      begin(process, job.setting());
      for (int i = 0; i < iteration; i++) {
        process.answer(Fingerprint.class);
      }
      return process.answer(Trace.class);
    }
  }

  private static ChildProcess start(Job job, int traced) {
    return new ChildProcess(
        new ChildProcess.Program(
            job.setting().toString(),
            TrainingWorker.class,
            System.getProperty("java.class.path"),
            job.setting().options(),
            job.setting().threads(),
            List.of(job.workload(), Integer.toString(traced))));
  }

  private static TrainingWorker.Start begin(ChildProcess process, Setting setting) {
    TrainingWorker.Start start = process.answer(TrainingWorker.Start.class);
    if (!start.kernels().equals(setting.kernelsName())) {
      throw new IllegalStateException(
          "kernels: expected %s, got %s".formatted(setting.kernelsName(), start.kernels()));
    }
    return start;
  }
}
