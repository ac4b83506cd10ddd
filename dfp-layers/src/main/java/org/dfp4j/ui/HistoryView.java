package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.LayerNumerics;

/**
 * A metric of one layer over the iterations that were sampled.
 *
 * @param iteration each of them
 * @param values of each tensor, as many; NaN where there is none
 */
record HistoryView(List<Integer> iteration, Map<String, double[]> values) {

  /** More iterations than that are thinned. */
  private static final int MOST_POINTS = 500;

  static HistoryView of(Sessions sessions, Query query) {
    Optional<Session> session = sessions.find(query.text("session"));
    String layer = query.text("layer");
    Metric metric =
        query.text("metric").isEmpty() ? Metric.EXPONENT : Metric.byName(query.text("metric"));
    List<IterationNumerics> all = session.isEmpty() ? List.of() : session.get().numerics();
    int step = Math.max(1, (all.size() + MOST_POINTS - 1) / MOST_POINTS);
    List<IterationNumerics> drawn = new ArrayList<>();
    for (int i = all.size() - 1; i >= 0; i -= step) {
      drawn.add(0, all.get(i));
    }
    Map<String, double[]> values = new LinkedHashMap<>();
    for (TensorRole role : TensorRole.values()) {
      double[] line = new double[drawn.size()];
      Arrays.fill(line, Double.NaN);
      for (int i = 0; i < line.length; i++) {
        for (LayerNumerics numerics : drawn.get(i).layers()) {
          if (numerics.layer().equals(layer)) {
            line[i] = metric.of(numerics, role);
          }
        }
      }
      values.put(role.argument(), line);
    }
    return new HistoryView(drawn.stream().map(IterationNumerics::iteration).toList(), values);
  }
}
