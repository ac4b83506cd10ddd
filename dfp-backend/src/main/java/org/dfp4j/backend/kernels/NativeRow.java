package org.dfp4j.backend.kernels;

import java.util.function.IntSupplier;
import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.memory.MemoryBlock;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;

/**
 * One row of the native kernel table and what its functions run with.
 *
 * @param index as {@code dfp.h} numbers the rows
 * @param isa the name of the row
 * @param pool of packed tensors and scratch
 * @param threadCount of each call
 */
record NativeRow(int index, String isa, MemoryPool pool, IntSupplier threadCount) {

  /** The name of kernels that run this row. */
  String kernels() {
    return "native " + isa;
  }

  /** Threads that a function uses now. */
  int threads() {
    return threadCount.getAsInt();
  }

  /** Throws where a function of {@code dfp.h} failed, with its reason. */
  void check(String what, int code) {
    if (code != 0) {
      throw new IllegalStateException(
          what
              + ": expected code 0 of "
              + kernels()
              + ", got "
              + code
              + ": "
              + DfpNative.dfp_last_error());
    }
  }

  /** An answer of {@code dfp.h} about a shape; throws where it does not support the shape. */
  long supported(String what, long answer) {
    if (answer < 0) {
      throw new IllegalArgumentException(
          "shape: expected one that "
              + kernels()
              + " supports, got none for "
              + what
              + ": "
              + DfpNative.dfp_last_error());
    }
    return answer;
  }

  /** A bias in memory of the pool; null for null. */
  MemoryBlock copyOf(float[] bias) {
    if (bias == null) {
      return null;
    }
    MemoryBlock block = pool.take((long) Float.BYTES * bias.length);
    new FloatPointer(block.pointer()).put(bias);
    return block;
  }

  /** The exponent that is nearest to a guess among those that tensors have. */
  static int clampExponent(int guess) {
    return Math.max(Quantizer.MIN_EXPONENT, Math.min(guess, Quantizer.MAX_EXPONENT));
  }

  /** As {@code dfp.h} numbers the rounding modes. */
  static int code(Rounding rounding) {
    return switch (rounding) {
      case NEAREST_EVEN -> 0;
      case STOCHASTIC -> 1;
      case NEAREST_AWAY -> 2;
      case TRUNCATE -> 3;
    };
  }
}
