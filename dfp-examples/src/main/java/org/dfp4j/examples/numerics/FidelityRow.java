package org.dfp4j.examples.numerics;

/**
 * One product of one layer in one arithmetic; medians over the draws.
 *
 * @param layer name of the shape
 * @param values key of what the tensors hold
 * @param product of the layer
 * @param arithmetic name
 * @param closeness to FP64
 */
public record FidelityRow(
    String layer, String values, Product product, String arithmetic, Closeness closeness) {}
