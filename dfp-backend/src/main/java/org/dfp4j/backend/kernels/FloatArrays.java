package org.dfp4j.backend.kernels;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** FP32 arrays as memory: where they are, whether they are dense, and copies in and out. */
public final class FloatArrays {

  private FloatArrays() {}

  /**
   * The first element. {@code addressPointer} includes the offset of a view, {@code address()} and
   * {@code pointer()} do not. Valid as long as the array is reachable and open.
   */
  public static FloatPointer pointer(INDArray x) {
    return new FloatPointer(x.data().addressPointer());
  }

  /** True where the elements lie one after the other in the given order, 'c' or 'f'. */
  public static boolean isDense(INDArray x, char order) {
    int rank = x.rank();
    long expected = 1;
    for (int i = 0; i < rank; i++) {
      int axis = order == 'c' ? rank - 1 - i : i;
      if (x.size(axis) != 1 && x.stride(axis) != expected) {
        return false;
      }
      expected *= x.size(axis);
    }
    return true;
  }

  /** True where two indices share an element, as in a broadcast view. */
  public static boolean repeatsElements(INDArray x) {
    for (int axis = 0; axis < x.rank(); axis++) {
      if (x.size(axis) != 1 && x.stride(axis) == 0) {
        return true;
      }
    }
    return false;
  }

  /** A copy of the elements in logical C order; fewer than 2^31 of them. */
  public static float[] read(INDArray x) {
    float[] values = new float[Math.toIntExact(x.length())];
    FloatPointer memory = pointer(x);
    if (isDense(x, 'c')) {
      memory.get(values);
    } else {
      readStrided(memory, x.shape(), x.stride(), values);
    }
    return values;
  }

  /** Writes as many values as the array has elements, in logical C order. */
  public static void write(INDArray x, float[] values) {
    if (values.length != x.length()) {
      throw new IllegalArgumentException(
          "values: expected " + x.length() + ", got " + values.length);
    }
    if (isDense(x, 'c')) {
      pointer(x).put(values);
    } else {
      x.assign(Nd4j.createFromArray(values).reshape('c', x.shape()));
    }
  }

  private static void readStrided(
      FloatPointer memory, long[] shape, long[] strides, float[] values) {
    int last = shape.length - 1;
    int columns = (int) shape[last];
    try (FloatIndexer indexer = FloatIndexer.create(memory.capacity(span(shape, strides)))) {
      for (int row = 0; row * columns < values.length; row++) {
        long from = 0;
        long rest = row;
        for (int axis = last - 1; axis >= 0; axis--) {
          from += rest % shape[axis] * strides[axis];
          rest /= shape[axis];
        }
        for (int i = 0; i < columns; i++) {
          values[row * columns + i] = indexer.get(from + i * strides[last]);
        }
      }
    }
  }

  /** Elements from the first to the last in memory. */
  private static long span(long[] shape, long[] strides) {
    long last = 0;
    for (int axis = 0; axis < shape.length; axis++) {
      last += (shape[axis] - 1) * strides[axis];
    }
    return last + 1;
  }
}
