package org.dfp4j.examples.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import org.dfp4j.backend.kernels.ConvShape;

/**
 * A convolution of a network.
 *
 * @param name of the first layer that has this shape
 * @param count number of layers that have it
 * @param dimensions by letters, as in the shape files, without the batch
 */
record Layer(String name, int count, Map<String, Integer> dimensions) {

  Layer {
    dimensions = Map.copyOf(dimensions);
  }

  /** The shape at a batch size. */
  ConvShape shape(int mb) {
    return new ConvShape(
        mb, of("ic"), of("ih"), of("iw"), of("oc"), of("oh"), of("ow"), of("kh"), of("kw"),
        of("sh"), of("sw"), of("ph"), of("pw"), of("dh"), of("dw"));
  }

  private int of(String dimension) {
    return dimensions.get(dimension);
  }

  /** Products of one pass at a batch size: {@code mb · oc · oh · ow · ic · kh · kw}. */
  double macs(int mb) {
    return (double) mb * of("oc") * of("oh") * of("ow") * of("ic") * of("kh") * of("kw");
  }

  /** The dimensions in the order of {@link ConvShape}. */
  Map<String, Integer> orderedDimensions() {
    Map<String, Integer> ordered = new LinkedHashMap<>();
    for (String dimension : ShapeList.DIMENSIONS) {
      ordered.put(dimension, of(dimension));
    }
    return ordered;
  }
}
