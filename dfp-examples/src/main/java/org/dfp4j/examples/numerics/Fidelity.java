package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.bench.Layer;

/** Compares the products of convolution layers in several kinds of arithmetic with FP64. */
public final class Fidelity {

  private final FidelitySettings settings;

  /** A measurement that has not begun. */
  public Fidelity(FidelitySettings settings) {
    this.settings = settings;
  }

  /** Steps of progress that {@link #run} makes. */
  public int steps() {
    return settings.shapes().layers().size() * (settings.values().size() + 1) * settings.draws();
  }

  /** Draws and compares. */
  public FidelityReport run(Progress progress) {
    List<FidelityRow> formats = new ArrayList<>();
    List<FidelityRow> policies = new ArrayList<>();
    for (Layer layer : settings.shapes().layers()) {
      for (String values : settings.values()) {
        formats.addAll(rows(layer, values, Arithmetic.FORMATS, progress));
      }
      policies.addAll(rows(layer, settings.policyValues(), Arithmetic.POLICIES, progress));
    }
    return new FidelityReport(
        Versions.all(),
        Machine.kernels().used(),
        settings.shapes().name(),
        settings.batch(),
        settings.draws(),
        settings.seed(),
        formats,
        policies);
  }

  private List<FidelityRow> rows(
      Layer layer, String values, List<Arithmetic> arithmetics, Progress progress) {
    Map<Arithmetic, Map<Product, List<Closeness>>> found = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(settings.seed());
    for (int draw = 0; draw < settings.draws(); draw++) {
      ProbedLayer probed =
          new ProbedLayer(
              (ConvShape) layer.shape(settings.batch()),
              Values.byKey("values", values),
              random.split());
      Map<Product, double[]> exact = probed.exact();
      for (Arithmetic arithmetic : arithmetics) {
        Map<Product, List<Closeness>> products =
            found.computeIfAbsent(arithmetic, key -> new EnumMap<>(Product.class));
        probed
            .run(arithmetic)
            .forEach(
                (product, result) ->
                    products
                        .computeIfAbsent(product, key -> new ArrayList<>())
                        .add(Closeness.of(exact.get(product), result)));
      }
      progress.step(layer.name() + " " + values);
    }
    List<FidelityRow> rows = new ArrayList<>();
    for (Product product : Product.values()) {
      found.forEach(
          (arithmetic, products) ->
              rows.add(
                  new FidelityRow(
                      layer.name(),
                      values,
                      product,
                      arithmetic.name(),
                      median(products.get(product)))));
    }
    return rows;
  }

  private static Closeness median(List<Closeness> draws) {
    return new Closeness(median(draws, Closeness::snr), median(draws, Closeness::typicalSnr));
  }

  private static double median(List<Closeness> draws, ToDoubleFunction<Closeness> number) {
    return Medians.of(draws.stream().mapToDouble(number).toArray());
  }
}
