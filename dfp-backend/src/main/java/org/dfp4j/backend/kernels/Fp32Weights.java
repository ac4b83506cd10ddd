package org.dfp4j.backend.kernels;

import java.util.Objects;
import java.util.OptionalInt;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Weights in FP32 that a product quantizes itself, in place of packed ones: for weights that serve
 * few products until they change.
 *
 * @param values {@link LayerShape#weightsShape}, of any layout; not modified
 * @param quantizer how they are quantized
 * @param guess at the exponent, for example that of the iteration before: where it is right, the
 *     values may be read once instead of twice; the result does not depend on it
 * @param fingerprint whether {@link Quantized#isPackOf} will be asked; costs time
 */
public record Fp32Weights(
    INDArray values, Quantizer quantizer, OptionalInt guess, boolean fingerprint) {

  public Fp32Weights {
    Objects.requireNonNull(quantizer, "quantizer: expected a quantizer, got null");
    Objects.requireNonNull(guess, "guess: expected an exponent or none, got null");
  }
}
