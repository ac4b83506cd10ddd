package org.dfp4j.ui;

import java.util.Locale;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.impl.QuantizationSample;
import org.dfp4j.layers.impl.TensorNumerics;
import org.dfp4j.layers.stats.LayerNumerics;

/** A number that the page shows for each tensor of each layer. */
enum Metric {
  EXPONENT,
  AMAX,
  BITS_USED,
  UNDERFLOW,
  SATURATED,
  SQNR,
  NON_FINITE;

  static Metric byName(String name) {
    for (Metric metric : values()) {
      if (metric.key().equals(name)) {
        return metric;
      }
    }
    throw new IllegalArgumentException("metric: expected one that the page offers, got " + name);
  }

  /** The name in addresses. */
  String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The value; NaN where it was not sampled, or the tensor was not finite. */
  double of(TensorNumerics tensor) {
    QuantizationSample sample = tensor.sample();
    return switch (this) {
      case EXPONENT -> tensor.finite() ? tensor.exponent() : Double.NaN;
      case AMAX -> tensor.amax();
      case NON_FINITE -> tensor.nonFinite();
      case BITS_USED -> sample == null ? Double.NaN : sample.bitsUsed();
      case UNDERFLOW -> sample == null ? Double.NaN : sample.underflow();
      case SATURATED -> sample == null ? Double.NaN : sample.saturated();
      case SQNR -> sample == null ? Double.NaN : sample.sqnr();
    };
  }

  /** The value of one tensor of a layer; NaN where the layer has none. */
  double of(LayerNumerics layer, TensorRole role) {
    for (TensorNumerics tensor : layer.tensors()) {
      if (tensor.role() == role) {
        return of(tensor);
      }
    }
    return Double.NaN;
  }
}
