package org.dfp4j.backend.kernels;

import java.util.List;

/**
 * The kernels of this process, for people.
 *
 * @param cpu model name of the CPU; its architecture where there is no native library
 * @param used name of the kernels in use, as {@link Kernels#name()}
 * @param threads threads of a product
 * @param rows the table of native kernels, best first; empty where there is no native library
 * @param missing why there is no native library and what to do; empty where there is one
 */
public record KernelReport(String cpu, String used, int threads, List<Row> rows, String missing) {

  public KernelReport {
    rows = List.copyOf(rows);
  }

  /**
   * One row of the table of native kernels.
   *
   * @param isa its instruction set
   * @param runs true where this machine can run it
   * @param used true where it is in use
   */
  public record Row(String isa, boolean runs, boolean used) {}
}
