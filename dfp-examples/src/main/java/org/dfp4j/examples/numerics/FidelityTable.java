package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.dfp4j.examples.TextTable;

/** A {@link FidelityReport} as text. */
public final class FidelityTable {

  private static final String OUTLIER = "outlier";

  private FidelityTable() {}

  /** Tables for all layers, and what they say about outliers. */
  public static String of(FidelityReport report) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Convolutions of %s, batch %d, median of %d draws, seed %d; DFP-16: %s"
            .formatted(
                report.network(), report.batch(), report.draws(), report.seed(), report.kernels()));
    lines.add("dB to FP64 of the same FP32 tensors; each dB 6.02 is a bit.");
    lines.add("");
    lines.add("All values, 10·log10(Σx² / Σ(x-y)²)");
    lines.add(table(report.formats(), Closeness::snr));
    lines.add("");
    lines.add("The median value, 20·log10(median |x| / median |x-y|)");
    lines.add(table(report.formats(), Closeness::typicalSnr));
    lines.add("");
    lines.addAll(verdicts(report.formats()));
    lines.add("");
    lines.add("Policies, the median value");
    lines.add(table(report.policies(), Closeness::typicalSnr));
    return String.join(System.lineSeparator(), lines);
  }

  /** What a line of a table is about. */
  private record Line(String layer, String values, Product product) {}

  private static Map<Line, Map<String, Closeness>> byLine(List<FidelityRow> rows) {
    Map<Line, Map<String, Closeness>> lines = new LinkedHashMap<>();
    for (FidelityRow row : rows) {
      lines
          .computeIfAbsent(
              new Line(row.layer(), row.values(), row.product()), key -> new LinkedHashMap<>())
          .put(row.arithmetic(), row.closeness());
    }
    return lines;
  }

  private static String table(List<FidelityRow> rows, ToDoubleFunction<Closeness> number) {
    Set<String> arithmetics = new LinkedHashSet<>();
    rows.forEach(row -> arithmetics.add(row.arithmetic()));
    List<String> header = new ArrayList<>(List.of("layer, values, product"));
    header.addAll(arithmetics);
    TextTable table = new TextTable(header.toArray(String[]::new));
    byLine(rows)
        .forEach(
            (line, closeness) -> {
              List<String> cells = new ArrayList<>();
              cells.add(String.join(" ", line.layer(), line.values(), line.product().title()));
              arithmetics.forEach(
                  name -> cells.add(decibels(number.applyAsDouble(closeness.get(name)))));
              table.row(cells.toArray(String[]::new));
            });
    return table.toString();
  }

  private static String decibels(double value) {
    return Double.isInfinite(value) ? "exact" : String.format(Locale.ROOT, "%.1f", value);
  }

  /** From which outlier on the median value is further off in DFP-16 than in BF16. */
  private static List<String> verdicts(List<FidelityRow> rows) {
    List<String> verdicts = new ArrayList<>();
    Map<Line, String> first = new LinkedHashMap<>();
    byLine(rows)
        .forEach(
            (line, closeness) -> {
              if (line.values().startsWith(OUTLIER)) {
                Line series = new Line(line.layer(), OUTLIER, line.product());
                boolean worse =
                    closeness.get(Arithmetic.DFP16.name()).typicalSnr()
                        < closeness.get(Arithmetic.BF16.name()).typicalSnr();
                first.merge(
                    series,
                    worse ? "2^" + line.values().substring(OUTLIER.length()) + " σ" : "",
                    (a, b) -> a.isEmpty() ? b : a);
              }
            });
    first.forEach(
        (line, power) ->
            verdicts.add(
                "%s %s: DFP-16 is below BF16 %s"
                    .formatted(
                        line.layer(),
                        line.product().title(),
                        power.isEmpty()
                            ? "for none of these outliers"
                            : "from an outlier of " + power + " on")));
    return verdicts;
  }
}
