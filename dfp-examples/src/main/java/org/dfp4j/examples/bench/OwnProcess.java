package org.dfp4j.examples.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.dfp4j.examples.Dfp;

/**
 * A Java virtual machine whose OpenMP has a given number of threads. That number is read from the
 * environment when the library is loaded, so a process cannot change it for itself.
 */
public final class OwnProcess {

  private static final String THREADS = "OMP_NUM_THREADS";

  private OwnProcess() {}

  /** True where this process has so many threads. */
  public static boolean has(int threads) {
    return Integer.toString(threads).equals(System.getenv(THREADS));
  }

  /**
   * Runs this command line in a process of so many threads, with this one's options, input and
   * output.
   *
   * @return its exit status
   */
  public static int run(int threads, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Dfp.class.getName());
    command.addAll(arguments);
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().put(THREADS, Integer.toString(threads));
    try {
      Process process = builder.start();
      Thread stop = new Thread(process::destroy);
      Runtime.getRuntime().addShutdownHook(stop);
      int status = process.waitFor();
      Runtime.getRuntime().removeShutdownHook(stop);
      return status;
    } catch (IOException e) {
      throw new IllegalStateException("cannot start " + command.get(0) + ": " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while the benchmark ran", e);
    }
  }
}
