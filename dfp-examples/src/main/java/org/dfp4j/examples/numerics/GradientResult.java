package org.dfp4j.examples.numerics;

import java.util.List;

/**
 * A network in one kind of arithmetic.
 *
 * @param arithmetic name
 * @param score of the batch
 * @param cosine of all gradients in one vector with those of FP64
 * @param relativeError of that vector
 * @param flips share of all outputs of rectifiers that are positive in one of the networks only
 * @param layers those with parameters or a rectifier
 */
public record GradientResult(
    String arithmetic,
    double score,
    double cosine,
    double relativeError,
    double flips,
    List<LayerGradient> layers) {

  public GradientResult {
    layers = List.copyOf(layers);
  }

  /** The layers with parameters. */
  List<LayerGradient> withParameters() {
    return layers.stream().filter(layer -> layer.parameters() > 0).toList();
  }

  /** The median layer's relative error. */
  double medianError() {
    return Medians.of(
        withParameters().stream().mapToDouble(LayerGradient::relativeError).toArray());
  }

  /** The layer whose cosine is least. */
  LayerGradient worst() {
    return withParameters().stream()
        .min((a, b) -> Double.compare(a.cosine(), b.cosine()))
        .orElseThrow();
  }
}
