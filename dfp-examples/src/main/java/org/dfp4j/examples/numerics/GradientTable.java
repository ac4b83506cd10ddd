package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.TextTable;

/** A {@link GradientReport} as text, run by run. */
public final class GradientTable {

  private static final double MILLION = 1e6;

  /** How many of the results have columns in the table of layers: FP32, DFP-16, BF16. */
  private static final int COLUMNS = 3;

  private GradientTable() {}

  /** What the numbers are. */
  public static String header(boolean smooth) {
    List<String> lines = new ArrayList<>();
    lines.add("Gradients beside those in FP64. DFP-16: " + Machine.kernels().used());
    lines.add(
        "error: ‖g - g64‖ / ‖g64‖; flips: outputs of rectifiers, of a million, that are positive in"
            + " one of the two networks only.");
    if (smooth) {
      lines.add("Softplus in place of rectifiers, the mean in place of maximum pooling.");
    }
    return String.join(System.lineSeparator(), lines);
  }

  /** A summary of one run, before it all layers where wanted. */
  public static String of(GradientRun run, boolean layers) {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add(run.settings() + "; " + run.data());
    lines.add(
        String.format(
            Locale.ROOT, "after %d iterations, score %.4f", run.iteration(), run.score()));
    if (layers) {
      lines.add(layers(run.results().subList(0, COLUMNS)));
      lines.add("");
    }
    lines.add(summary(run.results()));
    return String.join(System.lineSeparator(), lines);
  }

  private static String layers(List<GradientResult> results) {
    List<String> header = new ArrayList<>(List.of("layer"));
    for (GradientResult result : results) {
      header.add(result.arithmetic() + " cosine");
      header.add("error");
    }
    TextTable table = new TextTable(header.toArray(String[]::new));
    for (int i = 0; i < results.get(0).withParameters().size(); i++) {
      List<String> cells = new ArrayList<>();
      cells.add(results.get(0).withParameters().get(i).layer());
      for (GradientResult result : results) {
        LayerGradient layer = result.withParameters().get(i);
        cells.add(cosine(layer.cosine()));
        cells.add(error(layer.relativeError()));
      }
      table.row(cells.toArray(String[]::new));
    }
    return table.toString();
  }

  private static String summary(List<GradientResult> results) {
    TextTable table =
        new TextTable(
            "whole network", "cosine", "error", "median layer", "least cosine", "flips", "layer");
    for (GradientResult result : results) {
      table.row(
          result.arithmetic(),
          cosine(result.cosine()),
          error(result.relativeError()),
          error(result.medianError()),
          cosine(result.worst().cosine()),
          Double.isNaN(result.flips())
              ? "-"
              : String.format(Locale.ROOT, "%.1f", result.flips() * MILLION),
          result.worst().layer());
    }
    return table.toString();
  }

  private static String cosine(double value) {
    return String.format(Locale.ROOT, "%.7f", value);
  }

  private static String error(double value) {
    return String.format(Locale.ROOT, "%.1e", value);
  }
}
