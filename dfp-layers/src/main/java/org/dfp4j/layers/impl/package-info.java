/**
 * Layer implementations that run in DFP-16: DL4J's own layers with the three matrix products
 * replaced. Master weights, bias, activation, loss, dropout, weight noise and masks stay FP32. And
 * layers that stay FP32 as a whole, on this project's kernels.
 */
package org.dfp4j.layers.impl;
