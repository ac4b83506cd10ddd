package org.dfp4j.examples.bench;

import java.util.List;
import java.util.Map;
import org.dfp4j.backend.memory.MemoryStatistics;

/**
 * What {@link ProductBench} found, as JSON has it. Times are medians in milliseconds.
 *
 * @param cpu model name
 * @param isa instruction set of DFP-16
 * @param oneDnnIsa the best that oneDNN may use
 * @param loadAtStart the machine's load average over a minute; negative where unknown
 * @param loadAtEnd the same at the end, so this benchmark's own included
 * @param versions of the libraries
 * @param network whose shapes
 * @param settings of the benchmark
 * @param runs one for each number of threads and batch size
 * @param memory of packed tensors and scratch, after all runs
 * @param series the runs side by side
 */
public record BenchReport(
    String cpu,
    String isa,
    String oneDnnIsa,
    double loadAtStart,
    double loadAtEnd,
    Map<String, String> versions,
    String network,
    BenchSettings settings,
    List<BenchRun> runs,
    MemoryStatistics memory,
    List<SeriesRow> series) {

  public BenchReport {
    runs = List.copyOf(runs);
    series = List.copyOf(series);
  }
}
