package org.dfp4j.examples;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.jline.utils.Signals;

/**
 * Ctrl-C (and a request to terminate) while a command runs: the first asks it to stop, the second
 * ends the process.
 */
public final class Interrupt implements AutoCloseable {

  /** Exit status of a command that was stopped: 128 + SIGINT. */
  public static final int EXIT_STATUS = 130;

  /** A terminal and a parent process may both pass on the same Ctrl-C. */
  private static final long ECHO_NANOS = 500_000_000;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final AtomicLong first = new AtomicLong();
  private final Object oldInt;
  private final Object oldTerm;
  private volatile String message;

  /**
   * Takes over the signals.
   *
   * @param message what to say at the first one
   */
  public Interrupt(PrintWriter out, String message) {
    this.message = message;
    Runnable handler =
        () -> {
          if (!first.compareAndSet(0, System.nanoTime())) {
            if (System.nanoTime() - first.get() > ECHO_NANOS) {
              Runtime.getRuntime().halt(EXIT_STATUS);
            }
            return;
          }
          out.println();
          out.println(this.message);
          out.flush();
          requested.countDown();
        };
    oldInt = Signals.register("INT", handler);
    oldTerm = Signals.register("TERM", handler);
  }

  /** Replaces what to say, where there is something else to stop. */
  public void message(String text) {
    message = text;
  }

  /** True from the first signal on. */
  public boolean requested() {
    return first.get() != 0;
  }

  /** Waits for the first signal. */
  public void await() throws InterruptedException {
    requested.await();
  }

  @Override
  public void close() {
    Signals.unregister("INT", oldInt);
    Signals.unregister("TERM", oldTerm);
  }
}
