package org.dfp4j.examples.numerics;

/**
 * How one layer of a network compares with that of the FP64 network.
 *
 * @param layer name
 * @param kind of layer
 * @param parameters with a gradient
 * @param cosine of the two gradients; NaN without parameters, as is {@code relativeError}
 * @param relativeError of the gradient, {@code ‖g - g64‖ / ‖g64‖}
 * @param activationError the same of the layer's output
 * @param flips share of the outputs of a rectifier that are positive in one of the networks only;
 *     NaN in layers without a rectifier
 */
public record LayerGradient(
    String layer,
    String kind,
    long parameters,
    double cosine,
    double relativeError,
    double activationError,
    double flips) {}
