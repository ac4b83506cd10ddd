package org.dfp4j.examples.bench.step;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.bench.step.StepWorker.Task;

/**
 * Times the steps of one network by several implementations, each in a process of its own. They
 * take turns in rounds, each first in turn, while the other processes wait.
 */
public final class StepBench {

  /** A turn runs steps for at least so long, so that the first after a pause weighs little. */
  private static final double TURN_SECONDS = 0.5;

  private static final int MOST_STEPS = 50;
  private static final int PROFILED_STEPS = 8;
  private static final double NANOS = 1e9;

  private final Plan plan;
  private final Baselines baselines;

  /**
   * What to run.
   *
   * @param implementations at least one
   * @param isa the best instruction set of DFP-16
   * @param threads of each
   * @param warmUp steps that do not count, at least; more while the Java compiler is busy
   * @param rounds that count
   * @param oneAtATime whether a process lives for one turn only, to save memory
   * @param profile whether to find out where the time of DL4J's steps goes
   */
  public record Plan(
      List<Implementation> implementations,
      String isa,
      int threads,
      int warmUp,
      int rounds,
      boolean oneAtATime,
      boolean profile) {

    /** Checks the numbers. */
    public Plan {
      implementations = List.copyOf(implementations);
      if (implementations.isEmpty()) {
        throw new UsageException("--implementations", "at least one", "none");
      }
      atLeastOne("--threads", threads);
      atLeastOne("--warm-up", warmUp);
      atLeastOne("--steps", rounds);
    }

    private static void atLeastOne(String argument, int value) {
      if (value < 1) {
        throw new UsageException(argument, ">= 1", value);
      }
    }

    /** DFP-16 where it is among them, or else the first. */
    public Implementation reference() {
      return implementations.contains(Implementation.DFP16)
          ? Implementation.DFP16
          : implementations.get(0);
    }

    /** Steps of progress of one batch size. */
    public int progressSteps() {
      return implementations.size() * (oneAtATime ? rounds : rounds + 1);
    }
  }

  /** A {@link UsageException} where an implementation is not there. */
  public StepBench(Plan plan, Baselines baselines) {
    this.plan = plan;
    this.baselines = baselines;
    plan.implementations().forEach(i -> baselines.classPath(i));
  }

  /** Runs all rounds with one batch size. */
  public StepReport.Batch run(StepSettings settings, Progress progress) {
    Map<Implementation, Samples> samples = new EnumMap<>(Implementation.class);
    plan.implementations().forEach(i -> samples.put(i, new Samples()));
    if (plan.oneAtATime()) {
      oneAtATime(settings, samples, progress);
    } else {
      together(settings, samples, progress);
    }
    return new StepReport.Batch(settings.batch(), results(settings.batch(), samples));
  }

  private void together(
      StepSettings settings, Map<Implementation, Samples> samples, Progress progress) {
    Map<Implementation, WorkerProcess> workers = new EnumMap<>(Implementation.class);
    try {
      for (Implementation i : plan.implementations()) {
        workers.put(i, start(i, settings));
        samples.get(i).warmUp(workers.get(i).run(Task.WARM_UP, plan.warmUp()));
        progress.step(i.key());
      }
      for (int round = 0; round < plan.rounds(); round++) {
        for (Implementation i : order(round)) {
          Map<Implementation, Duration> before = cpuTimes(workers, i);
          long start = System.nanoTime();
          samples.get(i).add(workers.get(i).run(Task.RUN, samples.get(i).stepsPerTurn));
          double seconds = (System.nanoTime() - start) / NANOS;
          cpuTimes(workers, i)
              .forEach(
                  (idle, time) -> samples.get(idle).idle(time.minus(before.get(idle)), seconds));
          progress.step(i.key());
        }
      }
      workers.forEach((i, worker) -> profile(i, worker, samples.get(i)));
    } finally {
      workers.values().forEach(WorkerProcess::close);
    }
  }

  private void oneAtATime(
      StepSettings settings, Map<Implementation, Samples> samples, Progress progress) {
    for (int round = 0; round < plan.rounds(); round++) {
      for (Implementation i : order(round)) {
        try (WorkerProcess worker = start(i, settings)) {
          samples.get(i).warmUp(worker.run(Task.WARM_UP, plan.warmUp()));
          samples.get(i).add(worker.run(Task.RUN, samples.get(i).stepsPerTurn));
          if (round == plan.rounds() - 1) {
            profile(i, worker, samples.get(i));
          }
        }
        progress.step(i.key());
      }
    }
  }

  private WorkerProcess start(Implementation i, StepSettings settings) {
    String classPath = baselines.classPath(i);
    return new WorkerProcess(i, settings, classPath, plan.isa(), plan.threads());
  }

  private List<Implementation> order(int round) {
    List<Implementation> order = new ArrayList<>(plan.implementations());
    Collections.rotate(order, round);
    return order;
  }

  private static Map<Implementation, Duration> cpuTimes(
      Map<Implementation, WorkerProcess> workers, Implementation busy) {
    Map<Implementation, Duration> times = new EnumMap<>(Implementation.class);
    workers.forEach((i, worker) -> times.put(i, worker.cpuTime()));
    times.remove(busy);
    return times;
  }

  private void profile(Implementation i, WorkerProcess worker, Samples samples) {
    if (plan.profile() && i.isDl4j()) {
      int steps = Math.max(PROFILED_STEPS, samples.stepsPerTurn);
      samples.profile = worker.run(Task.PROFILE, steps).profile();
    }
  }

  private List<StepReport.Result> results(int batch, Map<Implementation, Samples> samples) {
    List<Double> reference = samples.get(plan.reference()).seconds;
    return plan.implementations().stream()
        .map(i -> samples.get(i).result(i, batch, reference))
        .toList();
  }

  /** What one implementation did. */
  private static final class Samples {

    private final List<Double> seconds = new ArrayList<>();
    private int warmUpSteps;
    private int stepsPerTurn = 1;
    private Turn last;
    private long peakBytes;
    private Duration idleCpuTime = Duration.ZERO;
    private double idleSeconds;
    private List<ProfileRow> profile = List.of();

    void warmUp(Turn turn) {
      warmUpSteps = turn.seconds().size();
      double step = Collections.min(turn.seconds());
      stepsPerTurn = (int) Math.max(1, Math.min(MOST_STEPS, Math.ceil(TURN_SECONDS / step)));
      keep(turn);
    }

    void add(Turn turn) {
      seconds.add(StepReport.median(turn.seconds()));
      keep(turn);
    }

    private void keep(Turn turn) {
      last = turn;
      peakBytes = Math.max(peakBytes, turn.memory().peakBytes());
    }

    void idle(Duration cpuTime, double wall) {
      idleCpuTime = idleCpuTime.plus(cpuTime);
      idleSeconds += wall;
    }

    StepReport.Result result(Implementation i, int batch, List<Double> reference) {
      List<Double> ratios =
          IntStream.range(0, seconds.size())
              .mapToObj(round -> seconds.get(round) / reference.get(round))
              .toList();
      double median = StepReport.median(seconds);
      return new StepReport.Result(
          i,
          last.description(),
          warmUpSteps,
          stepsPerTurn,
          List.copyOf(seconds),
          median,
          batch / median,
          ratios,
          StepReport.median(ratios),
          last.outcome(),
          peakBytes,
          idleSeconds == 0 ? 0 : idleCpuTime.toNanos() / NANOS / idleSeconds,
          profile);
    }
  }
}
