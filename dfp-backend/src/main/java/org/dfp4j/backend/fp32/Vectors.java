package org.dfp4j.backend.fp32;

import java.util.Arrays;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** FP32 arrays as vectors: their elements in the order of memory. */
final class Vectors {

  private Vectors() {}

  /** The length of an array that can be read as a vector. */
  static long check(String argument, INDArray x) {
    if (x == null || x.wasClosed() || x.dataType() != DataType.FLOAT || x.isEmpty()) {
      throw new IllegalArgumentException(
          argument + ": expected an open array of FLOAT with elements, got " + describe(x));
    }
    if (!FloatArrays.isDense(x, 'c') && !FloatArrays.isDense(x, 'f')) {
      throw new IllegalArgumentException(
          argument
              + ": expected elements that follow one another in memory, got shape "
              + Arrays.toString(x.shape())
              + " with strides "
              + Arrays.toString(x.stride()));
    }
    return x.length();
  }

  /**
   * As {@link #check(String, INDArray)}, of the length of the first array. Where both have the same
   * shape, their elements also have the same order in memory.
   */
  static void checkPair(String argument, INDArray x, INDArray first) {
    long got = check(argument, x);
    if (got != first.length()) {
      throw new IllegalArgumentException(
          argument + ": expected " + first.length() + " elements, got " + got);
    }
    if (Arrays.equals(x.shape(), first.shape()) && !sameOrder(x, first)) {
      throw new IllegalArgumentException(
          argument
              + ": expected strides "
              + Arrays.toString(first.stride())
              + ", got "
              + Arrays.toString(x.stride()));
    }
  }

  private static boolean sameOrder(INDArray x, INDArray y) {
    for (int axis = 0; axis < x.rank(); axis++) {
      if (x.size(axis) != 1 && x.stride(axis) != y.stride(axis)) {
        return false;
      }
    }
    return true;
  }

  static FloatIndexer indexer(INDArray x) {
    return FloatIndexer.create(FloatArrays.pointer(x).capacity(x.length()));
  }

  private static String describe(INDArray x) {
    if (x == null) {
      return "null";
    }
    return x.wasClosed() ? "a closed one" : x.dataType() + Arrays.toString(x.shape());
  }
}
