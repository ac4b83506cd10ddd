package org.dfp4j.examples.cli;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.dfp4j.examples.Dfp;
import org.dfp4j.examples.Interrupt;
import org.dfp4j.examples.bench.step.Baselines;
import org.dfp4j.examples.bench.step.Implementation;

/** The same command line in a process where DL4J's oneDNN helpers load. */
final class OneDnnProcess {

  private static final String HELPERS = "org.eclipse.deeplearning4j.helpers.disable";
  private static final long MILLIS = 200;

  private OneDnnProcess() {}

  /** Whether this process is one. */
  static boolean isThis() {
    return !Boolean.parseBoolean(System.getProperty(HELPERS, "true"))
        && BaseMKLDNNHelper.mklDnnEnabled();
  }

  /**
   * Runs a command to its end, which a signal to this process asks for as well.
   *
   * @param argument that asked for oneDNN
   * @return its exit status
   */
  static int run(String argument, List<String> arguments, Interrupt interrupt)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-D" + HELPERS + "=false");
    command.add("-cp");
    command.add(Baselines.ofProject().classPath(argument, Implementation.DL4J_ONEDNN));
    command.add(Dfp.class.getName());
    command.addAll(arguments);
    Process process = new ProcessBuilder(command).inheritIO().start();
    Thread stop = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(stop);
    boolean told = false;
    while (!process.waitFor(MILLIS, TimeUnit.MILLISECONDS)) {
      if (interrupt.requested() && !told) {
        process.destroy();
        told = true;
      }
    }
    Runtime.getRuntime().removeShutdownHook(stop);
    return process.exitValue();
  }
}
