package org.dfp4j.layers.impl;

import java.util.Objects;
import org.dfp4j.backend.kernels.Pass;

/**
 * How long one product of one layer took.
 *
 * @param product which of the three
 * @param kernels what ran it
 * @param nanos wall-clock time, quantization not included
 */
public record ProductTime(Pass product, String kernels, long nanos) {

  public ProductTime {
    Objects.requireNonNull(product, "product: expected one, got null");
    Objects.requireNonNull(kernels, "kernels: expected a name, got null");
    if (nanos < 0) {
      throw new IllegalArgumentException("nanos: expected >= 0, got " + nanos);
    }
  }

  /** The time of both, of the same product. */
  ProductTime plus(ProductTime other) {
    return new ProductTime(product, kernels, nanos + other.nanos);
  }
}
