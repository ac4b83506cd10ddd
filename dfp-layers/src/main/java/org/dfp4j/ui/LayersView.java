package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.layers.impl.TensorNumerics;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.LayerNumerics;

/**
 * The numerics of one run's layers in the iteration that was sampled last.
 *
 * @param iteration which; -1 for none yet
 * @param compared iteration at which gradients and updates are compared with the baseline's; -1 for
 *     none
 * @param total rows that match the filter
 * @param offset of the first one below
 * @param rows a page of them, sorted
 * @param depth a number of each layer from the input on, for the chart
 */
record LayersView(
    int iteration,
    int compared,
    int total,
    int offset,
    List<Row> rows,
    Map<String, double[]> depth) {

  private static final int PAGE = 50;

  /**
   * One tensor of one layer. A metric is NaN where it was not sampled.
   *
   * @param layer its name
   * @param index its place from the input on
   * @param tensor {@code src}, {@code weights} or {@code diffDst}
   * @param finite false where it last held a NaN or an infinity
   * @param metrics by {@link Metric#key}
   * @param kernels what ran; null where not timed
   * @param milliseconds of the layer's products, by their names
   * @param gradient cosine to the gradient of the baseline's layer
   * @param update cosine to the update of the baseline's layer
   */
  record Row(
      String layer,
      int index,
      String tensor,
      boolean finite,
      Map<String, Double> metrics,
      String kernels,
      Map<String, Double> milliseconds,
      double gradient,
      double update) {

    double totalMilliseconds() {
      return milliseconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    double metric(Metric metric) {
      return metrics.get(metric.key());
    }
  }

  static LayersView of(Sessions sessions, Query query) {
    Optional<Session> session = sessions.find(query.text("session"));
    List<IterationNumerics> numerics = session.isEmpty() ? List.of() : session.get().numerics();
    if (numerics.isEmpty()) {
      return new LayersView(-1, -1, 0, 0, List.of(), Map.of());
    }
    IterationNumerics latest = numerics.get(numerics.size() - 1);
    Cosines cosines =
        sessions
            .find(query.text("baseline"))
            .filter(baseline -> baseline != session.get())
            .map(baseline -> Cosines.between(baseline.numerics(), numerics))
            .orElse(Cosines.NONE);
    String filter = query.text("filter").toLowerCase(Locale.ROOT);
    List<Row> rows = new ArrayList<>();
    for (LayerNumerics layer : latest.layers()) {
      if (layer.layer().toLowerCase(Locale.ROOT).contains(filter)) {
        layer.tensors().forEach(tensor -> rows.add(row(layer, tensor, cosines)));
      }
    }
    rows.sort(order(query.text("sort"), query.text("descending").equals("true")));
    int from = Math.max(0, Math.min(rows.size(), query.number("offset", 0)));
    int to = Math.min(rows.size(), from + PAGE);
    return new LayersView(
        latest.iteration(),
        cosines.iteration(),
        rows.size(),
        from,
        List.copyOf(rows.subList(from, to)),
        depth(latest, query.text("metric"), cosines));
  }

  private static Row row(LayerNumerics layer, TensorNumerics tensor, Cosines cosines) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (Metric metric : Metric.values()) {
      metrics.put(metric.key(), metric.of(tensor));
    }
    Map<String, Double> milliseconds = new LinkedHashMap<>();
    for (Pass product : Pass.values()) {
      if (layer.milliseconds().containsKey(product)) {
        milliseconds.put(
            product.name().toLowerCase(Locale.ROOT), layer.milliseconds().get(product));
      }
    }
    return new Row(
        layer.layer(),
        layer.index(),
        tensor.role().argument(),
        tensor.finite(),
        metrics,
        layer.kernels(),
        milliseconds,
        cosines.gradient(layer),
        cosines.update(layer));
  }

  private static Comparator<Row> order(String sort, boolean descending) {
    Comparator<Row> byPlace = Comparator.comparingInt(Row::index).thenComparing(Row::tensor);
    Comparator<Row> order =
        switch (sort) {
          case "", "worst" ->
              Comparator.comparing(Row::finite)
                  .thenComparing(row -> -row.metric(Metric.NON_FINITE))
                  .thenComparingDouble(row -> lastIfNaN(row.metric(Metric.SQNR)));
          case "layer" -> byPlace;
          case "tensor" -> Comparator.comparing(Row::tensor);
          case "kernels" -> Comparator.comparing(row -> String.valueOf(row.kernels()));
          case "milliseconds" -> Comparator.comparingDouble(Row::totalMilliseconds);
          case "gradient" -> Comparator.comparingDouble(Row::gradient);
          case "update" -> Comparator.comparingDouble(Row::update);
          default -> {
            Metric metric = Metric.byName(sort);
            yield Comparator.comparingDouble(row -> row.metric(metric));
          }
        };
    return (descending ? order.reversed() : order).thenComparing(byPlace);
  }

  private static double lastIfNaN(double value) {
    return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
  }

  private static Map<String, double[]> depth(
      IterationNumerics latest, String metric, Cosines cosines) {
    Map<String, double[]> depth = new LinkedHashMap<>();
    Lines.of(metric, cosines)
        .forEach(
            (name, value) ->
                depth.put(name, latest.layers().stream().mapToDouble(value).toArray()));
    return depth;
  }
}
