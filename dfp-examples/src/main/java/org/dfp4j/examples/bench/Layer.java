package org.dfp4j.examples.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.dfp4j.backend.kernels.LayerShape;

/**
 * A layer of a network.
 *
 * @param kind of layer
 * @param name of the first layer that has this shape
 * @param count number of layers that have it
 * @param dimensions by letters, as in the shape files, without the batch
 */
public record Layer(LayerKind kind, String name, int count, Map<String, Integer> dimensions) {

  public Layer {
    dimensions = Map.copyOf(dimensions);
  }

  /** The shape at a batch size. */
  public LayerShape shape(int mb) {
    return kind.shape(mb, dimensions);
  }

  /** Products of one pass at a batch size. */
  double macs(int mb) {
    return mb * kind.macs(dimensions);
  }

  /** The dimensions in the order of the shape's record. */
  Map<String, Integer> orderedDimensions() {
    Map<String, Integer> ordered = new LinkedHashMap<>();
    for (String dimension : kind.dimensions()) {
      ordered.put(dimension, dimensions.get(dimension));
    }
    return ordered;
  }
}
