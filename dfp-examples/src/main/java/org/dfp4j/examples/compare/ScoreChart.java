package org.dfp4j.examples.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.dfp4j.examples.TwinChart;
import org.dfp4j.examples.models.Precision;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler.LegendPosition;

/**
 * The score of both networks over the iterations: each iteration faint, the running mean strong.
 */
final class ScoreChart {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 600;

  private ScoreChart() {}

  static void write(CompareResult result, Path file) throws IOException {
    XYChart chart =
        TwinChart.empty(
            WIDTH, HEIGHT, title(result), "iteration", "score", LegendPosition.InsideNE);
    int radius = result.fp32().curve(result.batch()).radius();
    add(chart, Precision.FP32, result.fp32(), radius);
    add(chart, Precision.DFP16, result.dfp16(), radius);
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  private static String title(CompareResult result) {
    return "%s, batch %d, %d×%d, %s"
        .formatted(result.model(), result.batch(), result.size(), result.size(), result.updater());
  }

  private static void add(XYChart chart, Precision precision, RunResult run, int radius) {
    double[] x = IntStream.range(0, run.scores().size()).asDoubleStream().toArray();
    double[] raw = run.scores().stream().mapToDouble(Double::doubleValue).toArray();
    TwinChart.faint(chart, precision.title() + " each iteration", precision, x, raw);
    TwinChart.strong(chart, precision, x, run.smoothed(radius));
  }
}
