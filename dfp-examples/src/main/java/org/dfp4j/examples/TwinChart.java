package org.dfp4j.examples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.util.Arrays;
import org.dfp4j.examples.models.Precision;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The common look of charts that show FP32 and DFP-16: FP32 solid and blue, DFP-16 dashed. */
public final class TwinChart {

  private static final int FAINT = 70;
  private static final int OPAQUE = 255;
  private static final float WIDTH = 2.5f;
  private static final Color FP32 = new Color(0x1F, 0x5F, 0xA8);
  private static final Color DFP16 = new Color(0xD9, 0x5F, 0x02);
  private static final Font TEXT = new Font(Font.SANS_SERIF, Font.PLAIN, 14);
  private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 16);

  private TwinChart() {}

  /** A chart without lines. */
  public static XYChart empty(
      int width, int height, String title, String xAxis, String yAxis, LegendPosition legend) {
    XYChart chart =
        new XYChartBuilder()
            .width(width)
            .height(height)
            .title(title)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    chart
        .getStyler()
        .setLegendPosition(legend)
        .setLegendFont(TEXT)
        .setChartTitleFont(TITLE)
        .setChartBackgroundColor(Color.WHITE)
        .setPlotBackgroundColor(Color.WHITE);
    chart.getStyler().setAxisTitleFont(TEXT).setAxisTickLabelsFont(TEXT).setXAxisMin(0.0);
    return chart;
  }

  /** Adds a faint line, which the legend leaves out. */
  public static void faint(
      XYChart chart, String name, Precision precision, double[] x, double[] y) {
    line(chart, name, precision, x, y, FAINT, new BasicStroke(1f)).setShowInLegend(false);
  }

  /** Adds a strong line, named as the precision. */
  public static void strong(XYChart chart, Precision precision, double[] x, double[] y) {
    BasicStroke stroke =
        precision == Precision.FP32
            ? new BasicStroke(WIDTH)
            : new BasicStroke(
                WIDTH, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 10f, new float[] {8f, 4f}, 0f);
    line(chart, precision.title(), precision, x, y, OPAQUE, stroke);
  }

  private static XYSeries line(
      XYChart chart,
      String name,
      Precision precision,
      double[] x,
      double[] y,
      int alpha,
      BasicStroke stroke) {
    // The chart leaves a gap at NaN and refuses infinities.
    double[] drawn = Arrays.stream(y).map(v -> Double.isInfinite(v) ? Double.NaN : v).toArray();
    Color color = precision == Precision.FP32 ? FP32 : DFP16;
    XYSeries series = chart.addSeries(name, x, drawn);
    series.setMarker(SeriesMarkers.NONE);
    series.setLineColor(new Color(color.getRed(), color.getGreen(), color.getBlue(), alpha));
    series.setLineStyle(stroke);
    return series;
  }
}
