package org.dfp4j.layers.impl;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Which elements of an array stand for all of them: one of each of equally long parts, at a place
 * in it that looks random, so that the picks do not walk along a row or a channel. The same for the
 * same length.
 */
public final class SampledIndices {

  private SampledIndices() {}

  /** How many elements are picked: at most {@code most}, and no more than there are. */
  public static int count(int most, long length) {
    return (int) Math.min(most, length);
  }

  /**
   * The index of a pick.
   *
   * @param i 0 to {@code count - 1}
   * @param count as {@link #count} gives it
   * @param length elements of the array
   */
  public static long index(int i, int count, long length) {
    long from = i * length / count;
    long to = (i + 1) * length / count;
    return from + Long.remainderUnsigned(mix(i), to - from);
  }

  /** Elements of memory from the first element of an array to its last one. */
  public static long span(INDArray x) {
    long last = 0;
    for (int axis = 0; axis < x.rank(); axis++) {
      last += (x.size(axis) - 1) * x.stride(axis);
    }
    return last + 1;
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014) over its Weyl sequence. */
  private static long mix(int i) {
    long z = (i + 1) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
