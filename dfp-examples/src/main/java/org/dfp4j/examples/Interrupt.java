package org.dfp4j.examples;

import java.io.PrintWriter;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jline.utils.Signals;

/**
 * Ctrl-C (and a request to terminate) while a command runs: the first asks it to stop, the second
 * ends the process.
 */
public final class Interrupt implements AutoCloseable {

  /** Exit status of a command that was stopped: 128 + SIGINT. */
  public static final int EXIT_STATUS = 130;

  private final CountDownLatch requested = new CountDownLatch(1);
  private final AtomicInteger count = new AtomicInteger();
  private final Object oldInt;
  private final Object oldTerm;

  /**
   * Takes over the signals.
   *
   * @param message what to say at the first one
   */
  public Interrupt(PrintWriter out, String message) {
    Runnable handler =
        () -> {
          if (count.incrementAndGet() > 1) {
            Runtime.getRuntime().halt(EXIT_STATUS);
          }
          out.println();
          out.println(message);
          out.flush();
          requested.countDown();
        };
    oldInt = Signals.register("INT", handler);
    oldTerm = Signals.register("TERM", handler);
  }

  /** True from the first signal on. */
  public boolean requested() {
    return count.get() > 0;
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
