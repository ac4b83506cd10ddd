package org.dfp4j.examples.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * A network's times.
 *
 * @param passes by pass
 * @param network all three passes, each by itself: {@code src}, {@code diffDst} and the weights are
 *     packed twice
 * @param sharedPacksMillis DFP-16's three passes as the layers run them: each tensor is packed once
 *     and read by two passes; a sum of the measured parts
 * @param fp32OverSharedPacks oneDNN FP32 with reorders, all three passes, over {@code
 *     sharedPacksMillis}
 */
public record Summary(
    Map<Direction, Part> passes,
    Part network,
    double sharedPacksMillis,
    double fp32OverSharedPacks) {

  /**
   * Some of the passes.
   *
   * @param gmac products, in 10^9, all layers
   * @param sums milliseconds over all layers of the network
   * @param sumRatios ratios of the sums
   * @param geometricMeans of the ratios of the distinct shapes
   */
  public record Part(double gmac, Measurement sums, Ratios sumRatios, Ratios geometricMeans) {}

  static Summary of(List<LayerResult> layers) {
    Map<Direction, Part> passes = new EnumMap<>(Direction.class);
    for (Direction direction : Direction.values()) {
      passes.put(direction, part(layers, List.of(direction)));
    }
    Part network = part(layers, List.of(Direction.values()));
    double shared = layers.stream().mapToDouble(l -> l.count() * sharedPacks(l.passes())).sum();
    return new Summary(passes, network, shared, network.sums().fp32().total() / shared);
  }

  private static double sharedPacks(Map<Direction, Measurement> passes) {
    return passes.get(Direction.FORWARD).dfp16().total()
        + passes.get(Direction.BACKWARD_DATA).dfp16().total()
        - passes.get(Direction.BACKWARD_DATA).dfp16().weightPack()
        + passes.get(Direction.BACKWARD_WEIGHTS).dfp16().kernel();
  }

  private static Part part(List<LayerResult> layers, List<Direction> directions) {
    List<Measurement> all =
        layers.stream().flatMap(l -> directions.stream().map(l.passes()::get)).toList();
    boolean hasBf16 = all.stream().allMatch(times -> times.bf16() != null);
    Measurement sums =
        new Measurement(
            new Measurement.Dfp(
                sum(layers, directions, m -> m.dfp16().amax()),
                sum(layers, directions, m -> m.dfp16().pack()),
                sum(layers, directions, m -> m.dfp16().weightPack()),
                sum(layers, directions, m -> m.dfp16().kernel()),
                sum(layers, directions, m -> m.dfp16().total())),
            new Measurement.OneDnnTimes(
                sum(layers, directions, m -> m.fp32().kernel()),
                sum(layers, directions, m -> m.fp32().total()),
                null),
            hasBf16
                ? new Measurement.OneDnnTimes(
                    sum(layers, directions, m -> m.bf16().kernel()),
                    sum(layers, directions, m -> m.bf16().total()),
                    null)
                : null);
    double gmac = layers.stream().mapToDouble(l -> l.count() * l.gmac() * directions.size()).sum();
    return new Part(gmac, sums, Ratios.of(sums), Ratios.geometricMeans(all));
  }

  private static double sum(
      List<LayerResult> layers, List<Direction> directions, ToDoubleFunction<Measurement> time) {
    return layers.stream()
        .mapToDouble(
            l ->
                l.count()
                    * directions.stream()
                        .mapToDouble(d -> time.applyAsDouble(l.passes().get(d)))
                        .sum())
        .sum();
  }
}
