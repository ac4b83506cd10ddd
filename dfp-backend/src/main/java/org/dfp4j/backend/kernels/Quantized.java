package org.dfp4j.backend.kernels;

import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What the quantization of a tensor found out, without the mantissas. Immutable. */
public interface Quantized {

  /** The role it was quantized for. */
  TensorRole role();

  /** How it was quantized. */
  Quantizer quantizer();

  /**
   * The shared exponent E; {@code value = mantissa · 2^E}. An {@link IllegalStateException} where
   * {@link #finite()} is false.
   */
  int exponent();

  /**
   * The largest {@code |x|} of the FP32 values; NaN or infinite where {@link #finite()} is false.
   */
  float amax();

  /** False where the FP32 values held a NaN or an infinity: every product with it is all NaN. */
  boolean finite();

  /**
   * True where quantizing {@code x} again would give the same tensor: same shape and layout, and
   * bit for bit the same values, by a 64-bit fingerprint. Lets weights stay packed until they
   * change, however they are changed. Where only the layout differs, the answer may be false.
   *
   * <p>Of weights only: the other roles change with every iteration and have no fingerprint, so
   * that asking them is an {@link IllegalStateException}. False too where {@link Fp32Weights} did
   * not ask for a fingerprint.
   */
  boolean isPackOf(INDArray x);
}
