package org.dfp4j.ui;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.stats.LayerNumerics;

/** The lines of a chart: by name, what each draws of a layer. NaN is a gap. */
final class Lines {

  private Lines() {}

  /**
   * The lines.
   *
   * @param metric the key of a {@link Metric}, or one of those below; the exponent where empty
   * @param cosines to the baseline in the iteration that is drawn
   */
  static Map<String, ToDoubleFunction<LayerNumerics>> of(String metric, Cosines cosines) {
    Map<String, ToDoubleFunction<LayerNumerics>> lines = new LinkedHashMap<>();
    switch (metric) {
      case "cosine" -> {
        lines.put("gradient", cosines::gradient);
        lines.put("update", cosines::update);
      }
      case "milliseconds" -> {
        for (Pass product : Pass.values()) {
          lines.put(
              product.name().toLowerCase(Locale.ROOT).replace('_', ' '),
              layer -> layer.milliseconds().getOrDefault(product, Double.NaN));
        }
      }
      default -> {
        Metric chosen = metric.isEmpty() ? Metric.EXPONENT : Metric.byName(metric);
        for (TensorRole role : TensorRole.values()) {
          lines.put(role.argument(), layer -> chosen.of(layer, role));
        }
      }
    }
    return lines;
  }
}
