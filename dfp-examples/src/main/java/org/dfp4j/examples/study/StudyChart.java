package org.dfp4j.examples.study;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.dfp4j.examples.TwinChart;
import org.dfp4j.examples.models.Precision;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Score and held-out accuracy of a model by epoch: each seed faint, their mean strong. */
final class StudyChart {

  private static final int WIDTH = 700;
  private static final int HEIGHT = 500;
  private static final double PERCENT = 100;

  private StudyChart() {}

  static void write(List<Twins> twins, Path file) throws IOException {
    String model = twins.get(0).fp32().plan().settings().model();
    XYChart score = chart(model + ", training", "score", LegendPosition.InsideNE);
    XYChart accuracy = chart(model + ", held-out images", "accuracy in %", LegendPosition.InsideSE);
    for (Precision precision : Precision.values()) {
      List<RunRecord> runs =
          twins.stream()
              .map(two -> precision == Precision.FP32 ? two.fp32() : two.dfp16())
              .toList();
      add(score, precision, runs, EpochResult::score);
      add(accuracy, precision, runs, epoch -> PERCENT * epoch.accuracy());
    }
    BitmapEncoder.saveBitmap(List.of(score, accuracy), 1, 2, file.toString(), BitmapFormat.PNG);
  }

  private static XYChart chart(String title, String yAxis, LegendPosition legend) {
    return TwinChart.empty(WIDTH, HEIGHT, title, "epoch", yAxis, legend);
  }

  private static void add(
      XYChart chart,
      Precision precision,
      List<RunRecord> runs,
      ToDoubleFunction<EpochResult> value) {
    int epochs = runs.get(0).plan().epochs();
    double[] x = IntStream.rangeClosed(1, epochs).asDoubleStream().toArray();
    double[] mean = new double[epochs];
    for (RunRecord run : runs) {
      double[] y = run.epochs().stream().mapToDouble(value).toArray();
      for (int i = 0; i < epochs; i++) {
        mean[i] += y[i] / runs.size();
      }
      TwinChart.faint(chart, run.plan().title(), precision, x, y);
    }
    TwinChart.strong(chart, precision, x, mean);
  }
}
