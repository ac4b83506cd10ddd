package org.dfp4j.examples.bench.step;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dfp4j.examples.TextTable;
import org.dfp4j.examples.bench.step.ProfileRow.Phase;

/** A {@link StepReport} as text of at most 140 columns. */
public final class StepTable {

  private static final double MIB = 1 << 20;
  private static final double SMALL = 0.002;

  private StepTable() {}

  /** Machine, table of times, and profiles where there are some. */
  public static String of(StepReport report) {
    StepSettings s = report.settings();
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s, %d of its cores, %d threads each, load %.1f to %.1f"
            .formatted(
                report.cpu(),
                report.cores(),
                report.threads(),
                report.loadAtStart(),
                report.loadAtEnd()));
    lines.add(
        "dfp4j %s, Java %s; %s %d×%d, %s%s%s, %d rounds"
            .formatted(
                report.versions().get("dfp4j"),
                report.versions().get("java"),
                s.model(),
                s.size(),
                s.size(),
                s.mode().key(),
                s.updater() == null ? "" : ", " + s.updater().key() + " without regularization",
                s.learningRate() == null ? "" : ", learning rate " + s.learningRate(),
                report.rounds()));
    for (StepReport.Result result : report.batches().get(0).results()) {
      lines.add(result.implementation().key() + ": " + result.description());
    }
    lines.add(
        "Steps to warm up. Seconds of a step: median, least and most of the rounds. x: this time over that of "
            + report.reference().key()
            + " in the same round.");
    lines.add("");
    lines.add(times(report));
    for (StepReport.Batch batch : report.batches()) {
      if (batch.results().stream().anyMatch(result -> !result.profile().isEmpty())) {
        lines.add("");
        lines.add(profile(batch));
      }
    }
    return String.join(System.lineSeparator(), lines);
  }

  private static String times(StepReport report) {
    TextTable table =
        new TextTable(
            "implementation",
            "batch",
            "warm-up",
            "median",
            "least",
            "most",
            "images/s",
            "x",
            "least",
            "most",
            "peak MiB",
            "idle cores");
    for (StepReport.Batch batch : report.batches()) {
      for (StepReport.Result r : batch.results()) {
        table.row(
            r.implementation().key(),
            Integer.toString(batch.batch()),
            Integer.toString(r.warmUpSteps()),
            format("%.3f", r.medianSeconds()),
            format("%.3f", Collections.min(r.seconds())),
            format("%.3f", Collections.max(r.seconds())),
            format("%.1f", r.imagesPerSecond()),
            format("%.2f", r.medianRatio()),
            format("%.2f", Collections.min(r.ratios())),
            format("%.2f", Collections.max(r.ratios())),
            format("%.0f", r.peakBytes() / MIB),
            format("%.2f", r.idleCores()));
      }
    }
    return table.toString();
  }

  /** A line of the profile: a part of a phase, or one kernel of that. */
  private record Line(Phase phase, String part, String kernel) {

    String label() {
      return part.isEmpty() ? phase.label() : kernel.isEmpty() ? "  " + part : "    " + kernel;
    }
  }

  private static String profile(StepReport.Batch batch) {
    List<StepReport.Result> results =
        batch.results().stream().filter(result -> !result.profile().isEmpty()).toList();
    Map<Line, double[]> lines = new LinkedHashMap<>();
    for (int column = 0; column < results.size(); column++) {
      for (ProfileRow row : results.get(column).profile()) {
        add(lines, new Line(row.phase(), "", ""), column, results.size(), row);
        add(lines, new Line(row.phase(), row.part(), ""), column, results.size(), row);
        if (!row.kernel().isEmpty()) {
          Line kernel = new Line(row.phase(), row.part(), row.kernel());
          add(lines, kernel, column, results.size(), row);
        }
      }
    }
    List<String> header = new ArrayList<>(List.of("seconds of a step, batch " + batch.batch()));
    results.forEach(result -> header.add(result.implementation().key()));
    TextTable table = new TextTable(header.toArray(String[]::new));
    lines.entrySet().stream()
        .filter(line -> max(line.getValue()) >= SMALL)
        .sorted(order(lines))
        .forEach(line -> row(table, line.getKey(), line.getValue()));
    return table.toString();
  }

  private static void add(
      Map<Line, double[]> lines, Line line, int column, int columns, ProfileRow row) {
    lines.computeIfAbsent(line, any -> new double[columns])[column] += row.seconds();
  }

  /** By phase; each part behind its phase, each kernel behind its part; the longest first. */
  private static Comparator<Map.Entry<Line, double[]>> order(Map<Line, double[]> lines) {
    return Comparator.comparing((Map.Entry<Line, double[]> e) -> e.getKey().phase())
        .thenComparing(e -> !e.getKey().part().isEmpty())
        .thenComparing(e -> -max(lines.get(new Line(e.getKey().phase(), e.getKey().part(), ""))))
        .thenComparing(e -> e.getKey().part())
        .thenComparing(e -> !e.getKey().kernel().isEmpty())
        .thenComparing(e -> -max(e.getValue()));
  }

  private static void row(TextTable table, Line line, double[] seconds) {
    List<String> cells = new ArrayList<>();
    cells.add(line.label());
    for (double value : seconds) {
      cells.add(value == 0 ? "-" : format("%.3f", value));
    }
    table.row(cells.toArray(String[]::new));
  }

  private static double max(double[] values) {
    double max = 0;
    for (double value : values) {
      max = Math.max(max, value);
    }
    return max;
  }

  private static String format(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
