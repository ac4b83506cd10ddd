package org.dfp4j.examples;

import java.io.Console;
import java.io.PrintStream;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.DelegatingProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** A progress bar with the time left: one line that moves on a terminal, some lines elsewhere. */
public final class ConsoleProgress implements Progress {

  private static final int WIDTH = 110;
  private static final int TERMINAL_MILLIS = 250;
  private static final int FILE_MILLIS = 15_000;

  private final ProgressBar bar;

  /** A bar of so many steps on standard error. */
  public ConsoleProgress(String task, int steps) {
    PrintStream out = System.err;
    boolean terminal = isTerminal();
    this.bar =
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .setUpdateIntervalMillis(terminal ? TERMINAL_MILLIS : FILE_MILLIS)
            .setConsumer(
                terminal
                    ? new ConsoleProgressBarConsumer(out)
                    : new DelegatingProgressBarConsumer(line -> out.println(line.strip()), WIDTH))
            .build();
  }

  // From Java 22 on the console always exists, and says itself whether it is a terminal.
  @SuppressWarnings("SystemConsoleNull")
  private static boolean isTerminal() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try {
      return (boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }

  @Override
  public void step(String message) {
    bar.setExtraMessage(" " + message);
    bar.step();
  }

  @Override
  public void leaveOut(int steps) {
    bar.maxHint(bar.getMax() - steps);
  }

  @Override
  public void close() {
    bar.close();
  }
}
