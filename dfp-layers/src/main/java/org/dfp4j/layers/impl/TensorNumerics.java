package org.dfp4j.layers.impl;

import java.util.Objects;
import org.dfp4j.backend.kernels.TensorRole;

/**
 * What the last quantization of one tensor of one layer saw.
 *
 * @param role the tensor
 * @param exponent the shared exponent E; {@code value = mantissa · 2^E}; 0 where not finite
 * @param amax the largest {@code |x|}
 * @param finite false where the tensor held a NaN or an infinity
 * @param iteration number of parameter updates done when it was quantized
 * @param quantizations how often the layer has quantized the tensor
 * @param nonFinite how many of those were not finite
 * @param sample what quantization did to the values; null where the iteration was not sampled or
 *     the tensor was not finite
 */
public record TensorNumerics(
    TensorRole role,
    int exponent,
    float amax,
    boolean finite,
    int iteration,
    long quantizations,
    long nonFinite,
    QuantizationSample sample) {

  public TensorNumerics {
    Objects.requireNonNull(role, "role: expected one, got null");
    if (nonFinite < 0 || nonFinite > quantizations) {
      throw new IllegalArgumentException(
          "nonFinite: expected 0 to " + quantizations + ", got " + nonFinite);
    }
  }
}
