package org.dfp4j.ui;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.LayerNumerics;
import org.dfp4j.layers.stats.Sketch;

/**
 * How alike the gradients and updates of two runs are, layer by layer, in the last iteration that
 * both have sampled.
 *
 * @param iteration that one; -1 where there is none
 * @param baseline layers of one run by their names
 * @param run layers of the other
 */
record Cosines(int iteration, Map<String, LayerNumerics> baseline, Map<String, LayerNumerics> run) {

  /** Compares nothing. */
  static final Cosines NONE = new Cosines(-1, Map.of(), Map.of());

  static Cosines between(List<IterationNumerics> baseline, List<IterationNumerics> run) {
    Map<Integer, IterationNumerics> known = byIteration(baseline);
    for (int i = run.size() - 1; i >= 0; i--) {
      IterationNumerics other = known.get(run.get(i).iteration());
      if (other != null) {
        return between(other, run.get(i));
      }
    }
    return NONE;
  }

  /** Compares one iteration of both runs. */
  static Cosines between(IterationNumerics baseline, IterationNumerics run) {
    return new Cosines(run.iteration(), byName(baseline), byName(run));
  }

  static Map<Integer, IterationNumerics> byIteration(List<IterationNumerics> all) {
    Map<Integer, IterationNumerics> known = new HashMap<>();
    all.forEach(numerics -> known.put(numerics.iteration(), numerics));
    return known;
  }

  private static Map<String, LayerNumerics> byName(IterationNumerics numerics) {
    Map<String, LayerNumerics> layers = new HashMap<>();
    numerics.layers().forEach(layer -> layers.put(layer.layer(), layer));
    return layers;
  }

  /** Of the gradients of the layer of this name; NaN where one run has none. */
  double gradient(LayerNumerics layer) {
    return has(layer)
        ? cosine(baseline.get(layer.layer()).gradient(), run.get(layer.layer()).gradient())
        : Double.NaN;
  }

  /** Of the updates of the layer of this name; NaN where one run has none. */
  double update(LayerNumerics layer) {
    return has(layer)
        ? cosine(baseline.get(layer.layer()).update(), run.get(layer.layer()).update())
        : Double.NaN;
  }

  private boolean has(LayerNumerics layer) {
    return baseline.containsKey(layer.layer()) && run.containsKey(layer.layer());
  }

  private static double cosine(Sketch a, Sketch b) {
    return a == null || b == null ? Double.NaN : a.cosine(b);
  }
}
