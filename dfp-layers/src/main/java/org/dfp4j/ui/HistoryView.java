package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.LayerNumerics;

/**
 * Numbers of one layer over the iterations that were sampled.
 *
 * @param iteration each of them
 * @param values by the names of {@link Lines}, as many each
 */
record HistoryView(List<Integer> iteration, Map<String, List<Double>> values) {

  /** More iterations than that are thinned. */
  private static final int MOST_POINTS = 500;

  static HistoryView of(Sessions sessions, Query query) {
    Optional<Session> session = sessions.find(query.text("session"));
    List<IterationNumerics> all = session.isEmpty() ? List.of() : session.get().numerics();
    Map<Integer, IterationNumerics> baseline =
        sessions
            .find(query.text("baseline"))
            .map(found -> Cosines.byIteration(found.numerics()))
            .orElse(Map.of());
    String name = query.text("layer");
    List<Integer> iterations = new ArrayList<>();
    Map<String, List<Double>> values = new LinkedHashMap<>();
    int step = Math.max(1, (all.size() + MOST_POINTS - 1) / MOST_POINTS);
    // The last one is drawn, whatever the step.
    for (int i = (all.size() - 1) % step; i >= 0 && i < all.size(); i += step) {
      IterationNumerics numerics = all.get(i);
      IterationNumerics twin = baseline.get(numerics.iteration());
      Cosines cosines = twin == null ? Cosines.NONE : Cosines.between(twin, numerics);
      LayerNumerics layer = find(numerics, name);
      iterations.add(numerics.iteration());
      Lines.of(query.text("metric"), cosines)
          .forEach(
              (line, value) ->
                  values
                      .computeIfAbsent(line, key -> new ArrayList<>())
                      .add(layer == null ? Double.NaN : value.applyAsDouble(layer)));
    }
    return new HistoryView(iterations, values);
  }

  private static LayerNumerics find(IterationNumerics numerics, String name) {
    return numerics.layers().stream()
        .filter(layer -> layer.layer().equals(name))
        .findFirst()
        .orElse(null);
  }
}
