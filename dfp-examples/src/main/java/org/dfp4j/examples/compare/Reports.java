package org.dfp4j.examples.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.dfp4j.examples.TextTable;

/** A comparison as {@code compare.json}, {@code compare.csv}, {@code compare.png} and a table. */
public final class Reports {

  private Reports() {}

  /** Writes the three files into a folder that is there. */
  public static List<Path> write(CompareResult result, Path folder) throws IOException {
    Path json = folder.resolve("compare.json");
    Path csv = folder.resolve("compare.csv");
    Path png = folder.resolve("compare.png");
    new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), result);
    Files.writeString(csv, csv(result), StandardCharsets.UTF_8);
    ScoreChart.write(result, png);
    return List.of(json, csv, png);
  }

  private static String csv(CompareResult result) {
    StringBuilder lines =
        new StringBuilder("iteration,fp32Score,dfp16Score,fp32Seconds,dfp16Seconds\n");
    IntStream.range(0, result.iterations())
        .mapToObj(
            i ->
                String.join(
                    ",",
                    Integer.toString(i),
                    result.fp32().scores().get(i).toString(),
                    result.dfp16().scores().get(i).toString(),
                    result.fp32().seconds().get(i).toString(),
                    result.dfp16().seconds().get(i).toString()))
        .forEach(line -> lines.append(line).append('\n'));
    return lines.toString();
  }

  /** The table for the console. */
  public static String table(CompareResult result) {
    TextTable table = new TextTable("", "FP32", "DFP-16");
    RunResult fp32 = result.fp32();
    RunResult dfp16 = result.dfp16();
    row(table, "score at start", "%.3f", fp32.scoreAtStart(), dfp16.scoreAtStart());
    row(table, "score at end", "%.3f", fp32.scoreAtEnd(), dfp16.scoreAtEnd());
    table.row(
        "accuracy on " + result.heldOutImages() + " held-out images",
        percent(fp32.accuracy()),
        percent(dfp16.accuracy()));
    double fp32Seconds = fp32.secondsPerIteration();
    double dfp16Seconds = dfp16.secondsPerIteration();
    row(table, "median seconds an iteration", "%.3f", fp32Seconds, dfp16Seconds);
    row(
        table,
        "images a second",
        "%.1f",
        result.batch() / fp32Seconds,
        result.batch() / dfp16Seconds);
    row(table, "FP32 time over this time", "%.2f", 1, result.ratio());
    return table.toString();
  }

  private static String percent(Double share) {
    return share == null ? "not measured" : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static void row(TextTable table, String name, String format, double a, double b) {
    table.row(name, cell(format, a), cell(format, b));
  }

  private static String cell(String format, double value) {
    return String.format(Locale.ROOT, format, value);
  }
}
