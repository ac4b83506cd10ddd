package org.dfp4j.examples.bench;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * A network's times.
 *
 * @param passes by pass
 * @param network all measured passes, each by itself: of all three, {@code src}, {@code diffDst}
 *     and the weights are packed twice
 * @param sharedPacksMillis DFP-16's three passes as the layers run them: each tensor is packed once
 *     and read by two passes; a sum of the measured parts; null where a pass was not measured
 * @param fp32OverSharedPacks oneDNN FP32 with reorders, all three passes, over {@code
 *     sharedPacksMillis}
 */
public record Summary(
    Map<Direction, Part> passes,
    Part network,
    Double sharedPacksMillis,
    Double fp32OverSharedPacks) {

  /**
   * Some of the passes.
   *
   * @param gmac products, in 10^9, all layers
   * @param sums milliseconds over all layers of the network
   * @param sumRatios ratios of the sums
   * @param geometricMeans of the ratios of the distinct shapes
   */
  public record Part(double gmac, Measurement sums, Ratios sumRatios, Ratios geometricMeans) {}

  /** The summary of layers that were all measured in the same passes. */
  static Summary of(List<LayerResult> layers) {
    Set<Direction> directions = layers.get(0).passes().keySet();
    Map<Direction, Part> passes = new EnumMap<>(Direction.class);
    for (Direction direction : directions) {
      passes.put(direction, part(layers, List.of(direction)));
    }
    Part network = part(layers, List.copyOf(directions));
    if (directions.size() < Direction.values().length) {
      return new Summary(passes, network, null, null);
    }
    double shared = layers.stream().mapToDouble(l -> l.count() * sharedPacks(l.passes())).sum();
    Measurement.OneDnnTimes fp32 = network.sums().fp32();
    return new Summary(passes, network, shared, fp32 == null ? null : fp32.fromFp32() / shared);
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
    Sums sums = new Sums(layers, directions);
    Measurement sum =
        new Measurement(
            new Measurement.Dfp(
                sums.of(m -> m.dfp16().amax()),
                sums.of(m -> m.dfp16().pack()),
                sums.of(m -> m.dfp16().weightPack()),
                sums.of(m -> m.dfp16().kernel()),
                sums.of(m -> m.dfp16().total()),
                sums.of(m -> m.dfp16().kept()),
                sums.of(m -> m.dfp16().recognize())),
            sums.oneDnn(Measurement::fp32),
            sums.oneDnn(Measurement::bf16));
    double gmac = layers.stream().mapToDouble(l -> l.count() * l.gmac() * directions.size()).sum();
    return new Part(gmac, sum, Ratios.of(sum), Ratios.geometricMeans(all));
  }

  /** Sums over layers, by their counts, and passes. */
  private record Sums(List<LayerResult> layers, List<Direction> directions) {

    /** The sum; null where a time is. */
    Double of(Function<Measurement, Double> time) {
      double sum = 0;
      for (LayerResult layer : layers) {
        for (Direction direction : directions) {
          Double value = time.apply(layer.passes().get(direction));
          if (value == null) {
            return null;
          }
          sum += layer.count() * value;
        }
      }
      return sum;
    }

    Measurement.OneDnnTimes oneDnn(Function<Measurement, Measurement.OneDnnTimes> which) {
      boolean measured =
          layers.stream()
              .flatMap(l -> directions.stream().map(l.passes()::get))
              .map(which)
              .allMatch(Objects::nonNull);
      return measured
          ? new Measurement.OneDnnTimes(
              of(m -> which.apply(m).kernel()),
              of(m -> which.apply(m).total()),
              of(m -> which.apply(m).plain()),
              null)
          : null;
    }
  }
}
