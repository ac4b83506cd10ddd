/**
 * Layer implementations that run in DFP-16: DL4J's own layers with the three matrix products
 * replaced. Master weights, bias, activation, loss, dropout, weight noise and masks stay FP32.
 * Those named Fp32 replace DL4J's arithmetic by FP32 kernels.
 */
package org.dfp4j.layers.impl;
