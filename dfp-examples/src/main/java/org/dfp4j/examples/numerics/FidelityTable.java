package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
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
    lines.add(
        "dB to FP64 of the same FP32 tensors, 6.02 a bit: forward, backward data, backward weights.");
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

  private static String table(List<FidelityRow> rows, ToDoubleFunction<Closeness> number) {
    Set<String> arithmetics = new LinkedHashSet<>();
    Map<String, Map<String, StringJoiner>> lines = new LinkedHashMap<>();
    for (FidelityRow row : rows) {
      arithmetics.add(row.arithmetic());
      lines
          .computeIfAbsent(row.layer() + " " + row.values(), key -> new LinkedHashMap<>())
          .computeIfAbsent(row.arithmetic(), key -> new StringJoiner("  "))
          .add(decibels(number.applyAsDouble(row.closeness())));
    }
    List<String> header = new ArrayList<>(List.of("layer, values"));
    header.addAll(arithmetics);
    TextTable table = new TextTable(header.toArray(String[]::new));
    lines.forEach(
        (line, cells) -> {
          List<String> texts = new ArrayList<>(List.of(line));
          arithmetics.forEach(name -> texts.add(cells.get(name).toString()));
          table.row(texts.toArray(String[]::new));
        });
    return table.toString();
  }

  private static String decibels(double value) {
    return Double.isInfinite(value) ? "exact" : String.format(Locale.ROOT, "%5.1f", value);
  }

  /** A product of a layer. */
  private record Line(String layer, Product product) {}

  /** From which outlier on the median value is further off in DFP-16 than in BF16. */
  private static List<String> verdicts(List<FidelityRow> rows) {
    Map<Line, String> first = new LinkedHashMap<>();
    for (FidelityRow row : rows) {
      Line line = new Line(row.layer(), row.product());
      if (row.values().startsWith(OUTLIER) && row.arithmetic().equals(Arithmetic.DFP16.name())) {
        boolean worse = row.closeness().typicalSnr() < bf16(rows, row);
        String power = worse ? "2^" + row.values().substring(OUTLIER.length()) : "";
        first.merge(line, power, (a, b) -> a.isEmpty() ? b : a);
      }
    }
    List<String> verdicts = new ArrayList<>();
    first.forEach(
        (line, power) ->
            verdicts.add(
                "%s %s: DFP-16 is further off than BF16 %s"
                    .formatted(
                        line.layer(),
                        line.product().title(),
                        power.isEmpty()
                            ? "with none of these outliers"
                            : "from an outlier of " + power + " σ on")));
    return verdicts;
  }

  private static double bf16(List<FidelityRow> rows, FidelityRow dfp16) {
    return rows.stream()
        .filter(
            row ->
                row.layer().equals(dfp16.layer())
                    && row.values().equals(dfp16.values())
                    && row.product() == dfp16.product()
                    && row.arithmetic().equals(Arithmetic.BF16.name()))
        .mapToDouble(row -> row.closeness().typicalSnr())
        .findFirst()
        .orElseThrow();
  }
}
