package org.dfp4j.examples.bench.step;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.dfp4j.examples.bench.step.StackFrames.Place;

/**
 * Finds where a thread spends its time: another thread looks at its stack every few milliseconds.
 * The thread is stopped only while its stack is copied, and not at all while it is in native code.
 */
final class StackProfiler implements AutoCloseable {

  private static final long PERIOD_NANOS = 4_000_000;

  private final StackFrames frames = new StackFrames();
  private final Map<Place, Long> samples = new HashMap<>();
  private final Thread observed;
  private final Thread sampler;
  private volatile boolean running = true;

  /** Begins to look at this thread. */
  StackProfiler(Thread observed) {
    this.observed = observed;
    this.sampler = new Thread(this::sample, "stack-profiler");
    sampler.setDaemon(true);
    sampler.start();
  }

  private void sample() {
    long last = System.nanoTime();
    while (running) {
      LockSupport.parkNanos(PERIOD_NANOS);
      StackTraceElement[] stack = observed.getStackTrace();
      long now = System.nanoTime();
      if (running) {
        samples.merge(frames.place(stack), now - last, Long::sum);
      }
      last = now;
    }
  }

  /** Stops to look. */
  @Override
  public void close() {
    running = false;
    try {
      sampler.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the profiler stopped", e);
    }
  }

  /**
   * Shares {@code seconds} out by the samples, the largest first; to be called after {@link
   * #close}. A sample weighs the time since the one before, because this thread gets its turn later
   * while kernels use all cores.
   */
  List<ProfileRow> rows(double seconds) {
    double total = samples.values().stream().mapToLong(Long::longValue).sum();
    List<ProfileRow> rows = new ArrayList<>();
    samples.forEach(
        (place, nanos) ->
            rows.add(
                new ProfileRow(
                    place.phase(),
                    place.part(),
                    place.kernel(),
                    place.at(),
                    seconds * nanos / total)));
    rows.sort(Comparator.comparingDouble(ProfileRow::seconds).reversed());
    return rows;
  }
}
