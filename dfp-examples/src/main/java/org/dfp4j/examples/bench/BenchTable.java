package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.dfp4j.backend.memory.MemoryStatistics;

/** A {@link BenchReport} as text of at most 140 columns. */
public final class BenchTable {

  private static final List<String> LEGEND =
      List.of(
          "Medians in milliseconds. DFP-16: pack (quantize by the last run's exponent), wpack (weights,"
              + " hashed too), kernel; total from FP32 to FP32.",
          "wpack 0.00: the kernel quantizes the weights on the way, where its products are few.",
          "amax: what src and diffDst take more in an iteration where the exponent has changed; seldom,"
              + " so not part of total.",
          "oneDNN: f32 k, bf16 k are the kernel alone; f32, bf16 with reorders from and to FP32 in"
              + " DL4J's layouts. GMAC/s: of the total.",
          "f32/dfp, bf16/dfp: these over total. sum: over the network, layers counted xN. geomean:"
              + " over the distinct shapes.");

  private static final List<String> FULLY_CONNECTED =
      List.of(
          "wpack is part of kernel: forward and backward data quantize the weights on the way.",
          "kept: DFP-16 with weights that are packed already; same?: the scan that tells that they"
              + " have not changed, not part of kept.",
          "f32 p: oneDNN in DL4J's layouts, without reorders. f32/dfp counts the faster of f32 and"
              + " f32 p, f32/kept of f32 k and f32 p.");

  /** A line of the table of shapes. */
  private record ShapeLine(
      String name, String count, String pass, double gmac, Measurement times, String format) {

    String dfp(Function<Measurement.Dfp, Double> part) {
      return Columns.cell(format, part.apply(times.dfp16()));
    }

    String fp32(Function<Measurement.OneDnnTimes, Double> part) {
      return Columns.cell(format, times.fp32() == null ? null : part.apply(times.fp32()));
    }

    String bf16(Function<Measurement.OneDnnTimes, Double> part) {
      return Columns.cell(format, times.bf16() == null ? null : part.apply(times.bf16()));
    }

    Ratios ratios() {
      return Ratios.of(times);
    }
  }

  private static final Columns<ShapeLine> SHAPES =
      new Columns<ShapeLine>()
          .text("layer", ShapeLine::name)
          .text("xN", ShapeLine::count)
          .text("pass", ShapeLine::pass)
          .text("pack", line -> line.dfp(Measurement.Dfp::pack))
          .text("wpack", line -> line.dfp(Measurement.Dfp::weightPack))
          .text("kernel", line -> line.dfp(Measurement.Dfp::kernel))
          .text("total", line -> line.dfp(Measurement.Dfp::total))
          .text("amax", line -> line.dfp(Measurement.Dfp::amax))
          .text("kept", line -> line.dfp(Measurement.Dfp::kept))
          .text("same?", line -> line.dfp(Measurement.Dfp::recognize))
          .number("GMAC/s", "%.0f", line -> 1000 * line.gmac() / line.times().dfp16().total())
          .text("f32 k", line -> line.fp32(Measurement.OneDnnTimes::kernel))
          .text("f32", line -> line.fp32(Measurement.OneDnnTimes::total))
          .text("f32 p", line -> line.fp32(Measurement.OneDnnTimes::plain))
          .text("bf16 k", line -> line.bf16(Measurement.OneDnnTimes::kernel))
          .text("bf16", line -> line.bf16(Measurement.OneDnnTimes::total))
          .number("f32/dfp", "%.2f", line -> line.ratios().fp32())
          .number("f32/kept", "%.2f", line -> line.ratios().fp32ToKept())
          .number("bf16/dfp", "%.2f", line -> line.ratios().bf16());

  /** A line of the table of ratios. */
  private record RatioLine(String of, String pass, Ratios ratios) {}

  private static final Columns<RatioLine> RATIOS =
      new Columns<RatioLine>()
          .text("oneDNN's time over DFP-16's", RatioLine::of)
          .text("pass", RatioLine::pass)
          .number("f32/total", "%.2f", line -> line.ratios().fp32())
          .number("f32 k/total", "%.2f", line -> line.ratios().fp32KernelToTotal())
          .number("f32 k/kernel", "%.2f", line -> line.ratios().fp32Kernel())
          .number("f32 k/kept", "%.2f", line -> line.ratios().fp32ToKept())
          .number("bf16/total", "%.2f", line -> line.ratios().bf16())
          .number("bf16 k/total", "%.2f", line -> line.ratios().bf16KernelToTotal())
          .number("bf16 k/kernel", "%.2f", line -> line.ratios().bf16Kernel());

  private static final Columns<SeriesRow> SERIES =
      new Columns<SeriesRow>()
          .text(
              "ms an example", row -> row.threads() == 1 ? "1 thread" : row.threads() + " threads")
          .text("batch", row -> Integer.toString(row.batch()))
          .number("fwd", "%.2f", row -> row.millisAnExample().get(Direction.FORWARD))
          .number("bwdd", "%.2f", row -> row.millisAnExample().get(Direction.BACKWARD_DATA))
          .number("bwdw", "%.2f", row -> row.millisAnExample().get(Direction.BACKWARD_WEIGHTS))
          .number("all", "%.2f", SeriesRow::dfp16)
          .number("f32 all", "%.2f", SeriesRow::fp32)
          .number("f32/dfp", "%.2f", row -> row.fp32() == null ? null : row.fp32() / row.dfp16())
          .number("speedup", "%.2f", SeriesRow::dfp16Speedup)
          .number("f32 speedup", "%.2f", SeriesRow::fp32Speedup);

  private BenchTable() {}

  /** Machine, tables of shapes with sums and means, and the series where there are several runs. */
  public static String of(BenchReport report) {
    List<String> lines = new ArrayList<>(header(report));
    for (BenchRun run : report.runs()) {
      lines.add("");
      lines.add("batch %d, threads of each %d".formatted(run.batch(), run.threads()));
      lines.add(SHAPES.table(shapes(run)));
      List<RatioLine> ratios = ratios(run.summary());
      if (!ratios.isEmpty()) {
        lines.add("");
        lines.add(RATIOS.table(ratios));
      }
      addSharedPacks(lines, run.summary());
    }
    if (report.runs().size() > 1) {
      lines.add("");
      lines.add(
          "The network's sums by example of the batch; speedup: over the same batch with the first"
              + " number of threads.");
      lines.add(SERIES.table(report.series()));
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static List<String> header(BenchReport report) {
    BenchSettings settings = report.settings();
    List<String> lines = new ArrayList<>();
    lines.add(
        String.format(
            Locale.ROOT,
            "%s, DFP-16 %s, oneDNN %s up to %s, load %.1f to %.1f",
            report.cpu(),
            report.isa(),
            report.versions().get("onednn"),
            report.oneDnnIsa(),
            report.loadAtStart(),
            report.loadAtEnd()));
    lines.add(
        "dfp4j %s, Java %s; %s, inputs %s, %d repetitions"
            .formatted(
                report.versions().get("dfp4j"),
                report.versions().get("java"),
                report.network(),
                settings.inputs().key(),
                settings.repetitions()));
    MemoryStatistics memory = report.memory();
    lines.add(
        "memory of DFP-16: at most %d MiB, of which scratch at most %d MiB"
            .formatted(memory.peak() >> 20, memory.scratchPeak() >> 20));
    lines.add("Same bits as the Java kernels (batch %d).".formatted(settings.checkBatch()));
    lines.addAll(LEGEND);
    if (settings.kind() == LayerKind.FULLY_CONNECTED) {
      lines.addAll(FULLY_CONNECTED);
    }
    return lines;
  }

  private static List<ShapeLine> shapes(BenchRun run) {
    List<ShapeLine> lines = new ArrayList<>();
    for (LayerResult layer : run.layers()) {
      String count = Integer.toString(layer.count());
      layer
          .passes()
          .forEach(
              (direction, times) ->
                  lines.add(
                      new ShapeLine(
                          layer.name(), count, direction.label(), layer.gmac(), times, "%.2f")));
    }
    Summary summary = run.summary();
    summary.passes().forEach((direction, part) -> lines.add(sum(direction.label(), part)));
    lines.add(sum("all", summary.network()));
    return lines;
  }

  private static ShapeLine sum(String pass, Summary.Part part) {
    return new ShapeLine("sum", "", pass, part.gmac(), part.sums(), "%.1f");
  }

  /** Empty where nothing was measured beside DFP-16. */
  private static List<RatioLine> ratios(Summary summary) {
    Measurement all = summary.network().sums();
    if (all.fp32() == null && all.bf16() == null) {
      return List.of();
    }
    List<RatioLine> lines = new ArrayList<>();
    summary
        .passes()
        .forEach(
            (d, part) -> lines.add(new RatioLine("geomean", d.label(), part.geometricMeans())));
    lines.add(new RatioLine("geomean", "all", summary.network().geometricMeans()));
    summary
        .passes()
        .forEach((d, part) -> lines.add(new RatioLine("sums", d.label(), part.sumRatios())));
    lines.add(new RatioLine("sums", "all", summary.network().sumRatios()));
    return lines;
  }

  private static void addSharedPacks(List<String> lines, Summary summary) {
    if (summary.sharedPacksMillis() == null) {
      return;
    }
    lines.add(
        "three passes, each tensor packed once: DFP-16 "
            + Columns.cell("%.1f", summary.sharedPacksMillis())
            + " ms, f32/dfp "
            + Columns.cell("%.2f", summary.fp32OverSharedPacks()));
  }
}
