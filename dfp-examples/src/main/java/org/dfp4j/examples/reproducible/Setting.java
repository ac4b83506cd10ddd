package org.dfp4j.examples.reproducible;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.UsageException;

/**
 * What may not change the bits of a training run, and is chosen once for a process.
 *
 * @param kernels {@code java}, or the instruction set of the native kernels
 * @param threads of the kernels and of ND4J
 */
public record Setting(String kernels, int threads) {

  /** The plain Java kernels. */
  public static final String JAVA = "java";

  private static final String ARGUMENT = "--settings";
  private static final String FORM = "KERNELS:THREADS, for example java:1 or avx2:2";

  /** Checks the number of threads. */
  public Setting {
    if (threads < 1) {
      throw new UsageException(ARGUMENT, "1 or more threads", threads);
    }
  }

  /** A setting as an option gives it, {@code avx2:2}, whose kernels run on this machine. */
  public static Setting parse(String text, KernelReport machine) {
    String[] parts = text.strip().split(":", -1);
    if (parts.length != 2 || !parts[1].matches("\\d{1,4}")) {
      throw new UsageException(ARGUMENT, FORM, text);
    }
    List<String> kernels = kernels(machine);
    if (!kernels.contains(parts[0])) {
      throw new UsageException(ARGUMENT, "one of " + String.join(", ", kernels), parts[0]);
    }
    return new Setting(parts[0], Integer.parseInt(parts[1]));
  }

  /**
   * All kernels that run here, the specification first, each with one thread, with two and with as
   * many as there are cores.
   */
  public static List<Setting> all(KernelReport machine, int cores) {
    List<Setting> settings = new ArrayList<>();
    for (String kernels : kernels(machine)) {
      for (int threads : new TreeSet<>(List.of(1, 2, cores))) {
        settings.add(new Setting(kernels, threads));
      }
    }
    return settings;
  }

  private static List<String> kernels(KernelReport machine) {
    List<String> kernels = new ArrayList<>(List.of(JAVA));
    machine.rows().stream()
        .filter(KernelReport.Row::runs)
        .map(KernelReport.Row::isa)
        .forEach(kernels::add);
    return kernels;
  }

  /** Options of the Java virtual machine of a process with this setting. */
  List<String> options() {
    return kernels.equals(JAVA)
        ? List.of(
            "-Ddfp.kernels=java",
            "-Djava.util.concurrent.ForkJoinPool.common.parallelism=" + (threads - 1))
        : List.of("-Ddfp.kernels=native", "-Ddfp.maxIsa=" + kernels);
  }

  /** What {@link org.dfp4j.backend.kernels.Kernels#name} says where this setting is in force. */
  String kernelsName() {
    return kernels.equals(JAVA) ? JAVA : "native " + kernels;
  }

  /** For people. */
  @Override
  public String toString() {
    return kernels + (threads == 1 ? ", 1 thread" : ", " + threads + " threads");
  }
}
