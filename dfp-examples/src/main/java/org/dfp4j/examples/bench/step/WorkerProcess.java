package org.dfp4j.examples.bench.step;

import java.time.Duration;
import java.util.List;
import org.dfp4j.examples.bench.step.StepWorker.Request;
import org.dfp4j.examples.bench.step.StepWorker.Task;
import org.dfp4j.examples.worker.ChildProcess;

/** A {@link StepWorker} as its parent sees it: it works while asked to, and waits else. */
final class WorkerProcess implements AutoCloseable {

  /** Without this project's backend, which also makes ND4J's own work cheaper. */
  private static final String ND4J_ALONE = "-Ddfp.backend=off";

  private final ChildProcess process;

  /**
   * Starts a process and waits until its network is ready.
   *
   * @param classPath of the process, whose other options are this process's
   * @param isa the best instruction set of DFP-16
   * @param threads of OpenMP
   */
  WorkerProcess(
      Implementation implementation,
      StepSettings settings,
      String classPath,
      String isa,
      int threads) {
    this.process =
        new ChildProcess(
            new ChildProcess.Program(
                implementation.key(),
                StepWorker.class,
                classPath,
                options(implementation, isa),
                threads,
                List.of(implementation.key(), settings)));
    try {
      process.answer(Turn.class);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private static List<String> options(Implementation implementation, String isa) {
    return switch (implementation) {
      case DL4J_STOCK -> List.of(ND4J_ALONE);
      case DL4J_ONEDNN -> List.of(ND4J_ALONE, "-Dorg.eclipse.deeplearning4j.helpers.disable=false");
      case DFP16, DFP16_STATS -> List.of("-Ddfp.kernels=native", "-Ddfp.maxIsa=" + isa);
      case PYTORCH -> List.of("-Dai.djl.offline=true");
    };
  }

  /** Runs some steps or, to warm up, more. */
  Turn run(Task task, int steps) {
    process.ask(new Request(task, steps));
    return process.answer(Turn.class);
  }

  /** Processor time that the process has used so far. */
  Duration cpuTime() {
    return process.cpuTime();
  }

  /** Ends the process. */
  @Override
  public void close() {
    process.close();
  }
}
