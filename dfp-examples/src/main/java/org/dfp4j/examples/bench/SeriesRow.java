package org.dfp4j.examples.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * How a network's time grows with the batch and falls with threads: one run of several.
 *
 * @param threads of each implementation
 * @param batch size of the batch
 * @param millisAnExample DFP-16's total for one example of the batch, by pass, over the network
 * @param dfp16 the same of all measured passes together
 * @param fp32 the same of oneDNN FP32, with reorders where it needs them; null where not measured
 * @param dfp16Speedup DFP-16's time with the first number of threads at this batch over that here
 * @param fp32Speedup the same of oneDNN FP32; null where not measured
 */
public record SeriesRow(
    int threads,
    int batch,
    Map<Direction, Double> millisAnExample,
    double dfp16,
    Double fp32,
    double dfp16Speedup,
    Double fp32Speedup) {

  /** A row for each run, in their order. */
  static List<SeriesRow> of(List<BenchRun> runs) {
    return runs.stream().map(run -> row(run, first(runs, run.batch()))).toList();
  }

  private static BenchRun first(List<BenchRun> runs, int batch) {
    return runs.stream().filter(run -> run.batch() == batch).findFirst().orElseThrow();
  }

  private static SeriesRow row(BenchRun run, BenchRun first) {
    Map<Direction, Double> passes = new EnumMap<>(Direction.class);
    run.summary()
        .passes()
        .forEach(
            (direction, part) -> passes.put(direction, part.sums().dfp16().total() / run.batch()));
    double dfp = run.summary().network().sums().dfp16().total();
    Measurement.OneDnnTimes fp32 = run.summary().network().sums().fp32();
    Measurement.OneDnnTimes firstFp32 = first.summary().network().sums().fp32();
    return new SeriesRow(
        run.threads(),
        run.batch(),
        passes,
        dfp / run.batch(),
        fp32 == null ? null : fp32.fromFp32() / run.batch(),
        first.summary().network().sums().dfp16().total() / dfp,
        fp32 == null ? null : firstFp32.fromFp32() / fp32.fromFp32());
  }
}
