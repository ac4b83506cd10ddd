package org.dfp4j.examples.compare;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * The score of both networks over the iterations: each iteration faint, the running mean strong.
 */
final class ScoreChart {

  private static final int WIDTH = 1000;
  private static final int HEIGHT = 600;
  private static final int FAINT = 70;
  private static final int OPAQUE = 255;
  private static final Color FP32 = new Color(0x1F, 0x5F, 0xA8);
  private static final Color DFP16 = new Color(0xD9, 0x5F, 0x02);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);

  private ScoreChart() {}

  static void write(CompareResult result, Path file) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title(result))
            .xAxisTitle("iteration")
            .yAxisTitle("score")
            .build();
    chart
        .getStyler()
        .setLegendPosition(LegendPosition.InsideNE)
        .setLegendFont(TEXT)
        .setChartTitleFont(TITLE)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBackgroundColor(Color.WHITE);
    chart.getStyler().setAxisTitleFont(TEXT).setAxisTickLabelsFont(TEXT).setXAxisMin(0.0);
    int radius = result.fp32().curve(result.batch()).radius();
    add(chart, "FP32", result.fp32(), radius, FP32, new BasicStroke(2.5f));
    add(chart, "DFP-16", result.dfp16(), radius, DFP16, dashed());
    BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
  }

  private static String title(CompareResult result) {
    return "%s, batch %d, %d×%d, %s"
        .formatted(result.model(), result.batch(), result.size(), result.size(), result.updater());
  }

  private static BasicStroke dashed() {
    return new BasicStroke(
        2.5f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {8f, 4f}, 0f);
  }

  private static void add(
      XYChart chart, String name, RunResult run, int radius, Color color, BasicStroke stroke) {
    double[] x = IntStream.range(0, run.scores().size()).asDoubleStream().toArray();
    double[] raw = run.scores().stream().mapToDouble(Double::doubleValue).toArray();
    line(chart, name + " each iteration", x, raw, color, FAINT, new BasicStroke(1f))
        .setShowInLegend(false);
    line(chart, name, x, run.smoothed(radius), color, OPAQUE, stroke);
  }

  private static XYSeries line(
      XYChart chart, String name, double[] x, double[] y, Color color, int alpha, BasicStroke s) {
    // The chart leaves a gap at NaN and refuses infinities.
    double[] drawn = Arrays.stream(y).map(v -> Double.isInfinite(v) ? Double.NaN : v).toArray();
    XYSeries series = chart.addSeries(name, x, drawn);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha));
    series.setLineStyle(s);
    return series;
  }
}
