package org.dfp4j.examples.cli;

import java.util.List;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.UsageException;

/** The rows of the table of native kernels that an option can name. */
final class KernelRows {

  private KernelRows() {}

  /**
   * The instruction set of a row that runs here.
   *
   * @param name as the user gave it; null for the best one
   */
  static String row(String argument, String name, KernelReport kernels) {
    List<String> running =
        kernels.rows().stream().filter(KernelReport.Row::runs).map(KernelReport.Row::isa).toList();
    if (running.isEmpty()) {
      throw new UsageException(
          argument, "native kernels that run here", "none: " + kernels.missing());
    }
    String row = name == null ? running.get(0) : name;
    if (!running.contains(row)) {
      throw new UsageException(argument, "one of " + String.join(", ", running), row);
    }
    return row;
  }
}
