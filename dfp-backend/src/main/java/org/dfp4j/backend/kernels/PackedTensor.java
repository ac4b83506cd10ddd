package org.dfp4j.backend.kernels;

/**
 * A DFP-16 tensor in the layout of one implementation of {@link Kernels}, made by its {@code pack}
 * and read by its products. Immutable. Whoever packed it owns it and closes it; closing twice is
 * harmless, using it afterwards is an {@link IllegalStateException}. One that is never closed gives
 * its memory back when it becomes unreachable.
 */
public interface PackedTensor extends Quantized, AutoCloseable {

  /** Memory held, in bytes; 0 once closed. */
  long bytes();

  /** Gives the memory back. */
  @Override
  void close();
}
