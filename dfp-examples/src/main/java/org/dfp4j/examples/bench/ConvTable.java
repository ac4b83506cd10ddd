package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dfp4j.examples.TextTable;

/** A {@link ConvReport} as text of at most 140 columns. */
public final class ConvTable {

  private static final String[] LEGEND = {
    "Medians in milliseconds. DFP-16: amax (scan), pack (quantize), wpack (weights: both), kernel,"
        + " total from FP32 NCHW to FP32 NCHW.",
    "oneDNN: f32 k, bf16 k are the kernel alone; f32, bf16 with reorders from and to FP32 NCHW."
        + " f32/dfp, bf16/dfp: these over total.",
    "GMAC/s: DFP-16, of the total. sum: over the network, layers counted xN. geomean: over the"
        + " distinct shapes.",
  };

  private ConvTable() {}

  /** Machine, table of shapes, sums and means. */
  public static String of(ConvReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s, DFP-16 %s, oneDNN %s up to %s, %d threads each, load %.1f"
            .formatted(
                report.cpu(),
                report.isa(),
                report.versions().get("onednn"),
                report.oneDnnIsa(),
                report.threads(),
                report.load()));
    lines.add(
        "dfp4j %s, Java %s; %s, batch %d, %d repetitions; same bits as the Java kernels (batch %d)"
            .formatted(
                report.versions().get("dfp4j"),
                report.versions().get("java"),
                report.network(),
                report.settings().batch(),
                report.settings().repetitions(),
                report.settings().checkedImages()));
    lines.addAll(List.of(LEGEND));
    lines.add("");
    lines.add(shapes(report));
    lines.add("");
    lines.add(means(report.summary()));
    lines.add(
        String.format(
            Locale.ROOT,
            "three passes, each tensor packed once: DFP-16 %.1f ms, f32/dfp %.2f",
            report.summary().sharedPacksMillis(),
            report.summary().fp32OverSharedPacks()));
    return String.join(System.lineSeparator(), lines);
  }

  private static String shapes(ConvReport report) {
    TextTable table =
        new TextTable(
            "layer",
            "xN",
            "pass",
            "amax",
            "pack",
            "wpack",
            "kernel",
            "total",
            "GMAC/s",
            "f32 k",
            "f32",
            "bf16 k",
            "bf16",
            "f32/dfp",
            "bf16/dfp");
    for (LayerResult layer : report.layers()) {
      layer
          .passes()
          .forEach(
              (direction, times) ->
                  row(
                      table,
                      layer.name(),
                      Integer.toString(layer.count()),
                      direction.label(),
                      layer.gmac(),
                      times,
                      "%.2f"));
    }
    Summary summary = report.summary();
    summary
        .passes()
        .forEach(
            (direction, part) ->
                row(table, "sum", "", direction.label(), part.gmac(), part.sums(), "%.1f"));
    row(table, "sum", "", "all", summary.network().gmac(), summary.network().sums(), "%.1f");
    return table.toString();
  }

  private static void row(
      TextTable table,
      String name,
      String count,
      String pass,
      double gmac,
      Measurement times,
      String format) {
    Measurement.Dfp dfp = times.dfp16();
    Ratios ratios = Ratios.of(times);
    boolean hasBf16 = times.bf16() != null;
    table.row(
        name,
        count,
        pass,
        cell(format, dfp.amax()),
        cell(format, dfp.pack()),
        cell(format, dfp.weightPack()),
        cell(format, dfp.kernel()),
        cell(format, dfp.total()),
        cell("%.0f", 1000 * gmac / dfp.total()),
        cell(format, times.fp32().kernel()),
        cell(format, times.fp32().total()),
        cell(format, hasBf16 ? times.bf16().kernel() : null),
        cell(format, hasBf16 ? times.bf16().total() : null),
        cell("%.2f", ratios.fp32()),
        cell("%.2f", ratios.bf16()));
  }

  private static String means(Summary summary) {
    TextTable table =
        new TextTable(
            "oneDNN's time over DFP-16's",
            "pass",
            "f32/total",
            "f32 k/total",
            "f32 k/kernel",
            "bf16/total",
            "bf16 k/total",
            "bf16 k/kernel");
    summary
        .passes()
        .forEach((direction, part) -> ratios(table, "geomean", direction.label(), part, false));
    ratios(table, "geomean", "all", summary.network(), false);
    summary
        .passes()
        .forEach((direction, part) -> ratios(table, "sums", direction.label(), part, true));
    ratios(table, "sums", "all", summary.network(), true);
    return table.toString();
  }

  private static void ratios(
      TextTable table, String what, String pass, Summary.Part part, boolean ofSums) {
    Ratios ratios = ofSums ? part.sumRatios() : part.geometricMeans();
    table.row(
        what,
        pass,
        cell("%.2f", ratios.fp32()),
        cell("%.2f", ratios.fp32KernelToTotal()),
        cell("%.2f", ratios.fp32Kernel()),
        cell("%.2f", ratios.bf16()),
        cell("%.2f", ratios.bf16KernelToTotal()),
        cell("%.2f", ratios.bf16Kernel()));
  }

  private static String cell(String format, Double value) {
    return value == null ? "-" : String.format(Locale.ROOT, format, value);
  }
}
