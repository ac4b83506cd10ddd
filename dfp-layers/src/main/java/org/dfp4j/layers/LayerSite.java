package org.dfp4j.layers;

import java.util.Objects;
import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * A layer and its place in a network: what the rules of a {@link PrecisionPolicy} see.
 *
 * @param name name of the vertex or layer; the index where a layer has none
 * @param index position in the configuration
 * @param layer the configuration, without its wrappers; not to be modified
 * @param firstConvolution true where no other convolution lies between the network's input and it
 * @param classifier true where no other convolution, fully connected or recurrent layer lies
 *     between it and the network's output
 */
public record LayerSite(
    String name, int index, Layer layer, boolean firstConvolution, boolean classifier) {

  public LayerSite {
    Objects.requireNonNull(name, "name: expected one, got null");
    Objects.requireNonNull(layer, "layer: expected one, got null");
  }
}
