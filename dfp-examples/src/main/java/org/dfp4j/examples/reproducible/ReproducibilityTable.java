package org.dfp4j.examples.reproducible;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import org.dfp4j.examples.TextTable;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;

/** A {@link VerificationReport} for people. */
public final class ReproducibilityTable {

  private static final int DIGITS = 16;
  private static final int NAMES = 3;

  private ReproducibilityTable() {}

  /** What was trained, a row for each setting, and the outcome. */
  public static String of(VerificationReport report) {
    StringJoiner lines = new StringJoiner(System.lineSeparator());
    Workload workload = report.workload();
    lines.add(workload.describe()).add("");
    TextTable table =
        TextTable.ofWords("setting", "parameters", "updater state", "scores", "seconds", "bits");
    if (report.recorded()) {
      row(table, "recorded: " + report.reference().setting(), report.reference(), "reference");
    }
    for (int i = 0; i < report.runs().size(); i++) {
      Difference difference = report.differences().get(i);
      String same = i == 0 && !report.recorded() ? "reference" : "same";
      String bits = difference == null ? same : "iteration " + difference.iteration() + " differs";
      row(table, report.runs().get(i).setting().toString(), report.runs().get(i), bits);
    }
    lines.add(table.toString()).add("");
    if (report.same()) {
      same(report, lines);
    } else {
      differences(report, lines);
    }
    return lines.toString();
  }

  private static void row(TextTable table, String name, Run run, String bits) {
    table.row(
        name,
        run.end().parameters().substring(0, DIGITS),
        run.end().updater().substring(0, DIGITS),
        run.scores().substring(0, DIGITS),
        String.format(Locale.ROOT, "%.1f", run.seconds()),
        bits);
  }

  private static void same(VerificationReport report, StringJoiner lines) {
    Run run = report.reference();
    lines.add("SHA-256 of the parameters     " + run.end().parameters());
    lines.add("SHA-256 of the updater state  " + run.end().updater());
    lines.add("SHA-256 of all scores         " + run.scores());
    lines.add("");
    boolean alone = report.runs().size() == 1 && !report.recorded();
    lines.add(
        alone
            ? "One setting, no recorded run: nothing was compared."
            : "All bits are the same, after each iteration.");
  }

  private static void differences(VerificationReport report, StringJoiner lines) {
    for (int i = 0; i < report.runs().size(); i++) {
      Difference difference = report.differences().get(i);
      if (difference != null) {
        lines.add(
            "%s: in iteration %d, first in %s"
                .formatted(
                    report.runs().get(i).setting(), difference.iteration(), difference.what()));
      }
    }
    Map<String, List<LayerDecision>> kept =
        report.workload().plan().layers().stream()
            .filter(layer -> layer.decision() == Decision.KEPT)
            .collect(
                Collectors.groupingBy(
                    layer -> layer.type() + ", " + layer.reason(),
                    LinkedHashMap::new,
                    Collectors.toList()));
    lines.add("").add(kept.isEmpty() ? "No layer stays DL4J's code." : "Layers of DL4J's code:");
    kept.forEach(
        (why, layers) ->
            lines.add(
                "  " + names(layers.stream().map(LayerDecision::name).toList()) + ": " + why));
    List<String> norms = report.workload().fp32Norms();
    if (!norms.isEmpty()) {
      lines.add("Gradients that DL4J scales by their L2 norm, an FP32 sum: " + names(norms));
    }
  }

  private static String names(List<String> layers) {
    String first = layers.stream().limit(NAMES).collect(Collectors.joining(", "));
    int more = layers.size() - NAMES;
    return more > 0 ? first + " and " + more + " more" : first;
  }
}
