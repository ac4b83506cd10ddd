package org.dfp4j.examples;

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

  /** A bar of so many steps. */
  public ConsoleProgress(String task, int steps, PrintStream out) {
    boolean terminal = System.console() != null;
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

  @Override
  public void step(String message) {
    bar.setExtraMessage(" " + message);
    bar.step();
  }

  @Override
  public void close() {
    bar.close();
  }
}
