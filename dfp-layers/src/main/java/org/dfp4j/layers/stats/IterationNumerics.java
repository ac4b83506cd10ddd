package org.dfp4j.layers.stats;

import java.util.List;

/**
 * What the layers of a network did in one iteration.
 *
 * @param iteration number of parameter updates done before it
 * @param layers those that the listener watches, from the input on
 */
public record IterationNumerics(int iteration, List<LayerNumerics> layers) {

  public IterationNumerics {
    layers = List.copyOf(layers);
  }
}
