package org.dfp4j.ui;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.LayerNumerics;

/** A number of each layer, from the input of the network on: the lines of a chart, by name. */
final class DepthLines {

  private DepthLines() {}

  /**
   * The lines.
   *
   * @param metric the key of a {@link Metric}, or one of those below
   * @return a value for each layer; NaN where there is none
   */
  static Map<String, double[]> of(IterationNumerics numerics, String metric, Cosines cosines) {
    List<LayerNumerics> layers = numerics.layers();
    Map<String, double[]> lines = new LinkedHashMap<>();
    switch (metric) {
      case "cosine" -> {
        lines.put("gradient", line(layers, cosines::gradient));
        lines.put("update", line(layers, cosines::update));
      }
      case "milliseconds" -> {
        for (Pass product : Pass.values()) {
          String name = product.name().toLowerCase(Locale.ROOT).replace('_', ' ');
          lines.put(
              name, line(layers, layer -> layer.milliseconds().getOrDefault(product, Double.NaN)));
        }
      }
      default -> {
        Metric chosen = metric.isEmpty() ? Metric.EXPONENT : Metric.byName(metric);
        for (TensorRole role : TensorRole.values()) {
          lines.put(role.argument(), line(layers, layer -> chosen.of(layer, role)));
        }
      }
    }
    return lines;
  }

  private static double[] line(List<LayerNumerics> layers, ToDoubleFunction<LayerNumerics> value) {
    return layers.stream().mapToDouble(value).toArray();
  }
}
