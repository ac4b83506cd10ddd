package org.dfp4j.examples.bench.step;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import org.dfp4j.examples.worker.Answers;

/**
 * The process of one implementation: reads a {@link Request} a line, runs steps, answers with a
 * {@link Turn} each, and with one when it is ready. It ends with its input.
 */
public final class StepWorker {

  private static final double NANOS = 1e9;
  private static final double MILLIS = 1e3;

  /** Share of a step's time below which the compiler takes little. */
  private static final double COMPILER_SHARE = 0.05;

  /** That many in a row, because a compilation counts when it ends, which may be steps later. */
  private static final int QUIET_STEPS = 10;

  private static final int MOST_WARM_UP = 40;

  /** What a request asks for. */
  enum Task {
    /** Steps until the Java compiler has little left to do. */
    WARM_UP,
    /** Steps. */
    RUN,
    /** Steps with a profile. */
    PROFILE
  }

  /**
   * What to do in one turn.
   *
   * @param steps how many; to warm up, at least
   */
  record Request(Task task, int steps) {}

  private final Subject subject;
  private double outcome;

  private StepWorker(Subject subject) {
    this.subject = subject;
  }

  /** Takes the name of the implementation, and {@link StepSettings} as JSON. */
  public static void main(String[] args) {
    Answers answers = Answers.takeOverStandardOutput();
    ObjectMapper json = new ObjectMapper();
    int status = 0;
    try (Subject subject =
        subject(
            Implementation.byName("implementation", args[0]),
            json.readValue(args[1], StepSettings.class))) {
      StepWorker worker = new StepWorker(subject);
      answers.send(worker.turn(List.of(), List.of()));
      BufferedReader requests =
          new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        answers.send(worker.run(json.readValue(line, Request.class)));
      }
    } catch (Exception | LinkageError | OutOfMemoryError e) {
      e.printStackTrace();
      status = 1;
      answers.fail(e);
    }
    System.exit(status);
  }

  private static Subject subject(Implementation implementation, StepSettings settings) {
    if (implementation.isDl4j()) {
      return new Dl4jSubject(implementation, settings);
    }
    for (SubjectFactory factory : ServiceLoader.load(SubjectFactory.class)) {
      if (factory.implementation() == implementation) {
        return factory.create(settings);
      }
    }
    throw new IllegalStateException(
        implementation.key() + ": expected it on the class path, got no such service");
  }

  private Turn run(Request request) {
    List<Double> seconds = new ArrayList<>();
    List<ProfileRow> profile = List.of();
    switch (request.task()) {
      case WARM_UP -> warmUp(request.steps(), seconds);
      case RUN -> run(request.steps(), seconds);
      case PROFILE -> profile = profile(request.steps(), seconds);
    }
    return turn(seconds, profile);
  }

  /** The compiler's threads take time from the step's where there are as few cores as threads. */
  private void warmUp(int atLeast, List<Double> seconds) {
    CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    int quiet = 0;
    for (int i = 0; i < atLeast || (quiet < QUIET_STEPS && i < MOST_WARM_UP * atLeast); i++) {
      long before = compiler.getTotalCompilationTime();
      run(1, seconds);
      double share = (compiler.getTotalCompilationTime() - before) / MILLIS / seconds.get(i);
      quiet = share < COMPILER_SHARE ? quiet + 1 : 0;
    }
  }

  private List<ProfileRow> profile(int steps, List<Double> seconds) {
    StackProfiler profiler = new StackProfiler(Thread.currentThread());
    try (profiler) {
      run(steps, seconds);
    }
    return profiler.rows(seconds.stream().mapToDouble(Double::doubleValue).average().orElseThrow());
  }

  private void run(int steps, List<Double> seconds) {
    for (int i = 0; i < steps; i++) {
      long start = System.nanoTime();
      subject.step();
      seconds.add((System.nanoTime() - start) / NANOS);
      outcome = subject.outcome();
      if (!Double.isFinite(outcome)) {
        throw new IllegalStateException(
            "score or output: expected a finite one, got "
                + outcome
                + "; a smaller --learning-rate may help");
      }
    }
    subject.tidy();
  }

  private Turn turn(List<Double> seconds, List<ProfileRow> profile) {
    return new Turn(subject.description(), seconds, outcome, ProcessMemory.now(), profile);
  }
}
