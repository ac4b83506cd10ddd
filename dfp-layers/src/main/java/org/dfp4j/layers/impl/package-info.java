/**
 * Layer implementations that run in DFP-16: DL4J's own layers with the three matrix products
 * replaced. Master weights, bias, activation, loss, dropout, weight noise and masks stay FP32. And
 * layers that stay FP32 as a whole, on this project's kernels.
 *
 * <p>In a training step of a graph, the vertices of batch norms, activations, sums and convolutions
 * work together: {@link org.dfp4j.layers.impl.LinkedLayer} and {@link
 * org.dfp4j.layers.impl.LinkedSum} say which leaves what to its neighbour. Neighbours that are not
 * of these classes, and other passes, get what DL4J's vertices give.
 */
package org.dfp4j.layers.impl;
