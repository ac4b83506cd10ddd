package org.dfp4j.backend.kernels;

import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A DFP-16 tensor in the layout of one implementation of {@link Kernels}, made by its {@code pack}
 * and read by its products. Immutable. Whoever packed it owns it and closes it; closing twice is
 * harmless, using it afterwards is an {@link IllegalStateException}. One that is never closed gives
 * its memory back when it becomes unreachable.
 */
public interface PackedTensor extends AutoCloseable {

  /** The role it was packed for. */
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
   * True where packing {@code x} again would give the same tensor: same shape and layout, and bit
   * for bit the same values, by a 64-bit fingerprint. Lets weights stay packed until they change,
   * however they are changed. Where only the layout differs, the answer may be false.
   *
   * <p>Of weights only: the other roles change with every iteration and have no fingerprint, so
   * that asking them is an {@link IllegalStateException}.
   */
  boolean isPackOf(INDArray x);

  /** Memory held, in bytes; 0 once closed. */
  long bytes();

  /** Gives the memory back. */
  @Override
  void close();
}
