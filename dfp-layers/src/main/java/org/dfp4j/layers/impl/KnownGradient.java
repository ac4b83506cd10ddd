package org.dfp4j.layers.impl;

import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.fp32.TensorSummary;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gradient and what was found of it while it was computed: quantizing it needs no guess at its
 * exponent, and the gradient of a bias no pass over it.
 *
 * @param array {@code [mb, channels, ...]}
 * @param found null where nothing is known
 */
record KnownGradient(INDArray array, TensorSummary found) {

  /** Of which nothing is known. */
  static KnownGradient unknown(INDArray array) {
    return new KnownGradient(array, null);
  }

  /** The largest magnitude; NaN where it is not known. */
  float amax() {
    return found == null ? Float.NaN : found.amax();
  }

  /** The sum of each channel. */
  float[] sums() {
    return found == null || found.sums() == null
        ? Fp32KernelProvider.kernels().channelSums(array)
        : found.sums();
  }
}
