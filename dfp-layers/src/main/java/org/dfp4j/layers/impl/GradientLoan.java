package org.dfp4j.layers.impl;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * Memory for a gradient that passes several vertices: DL4J's workspaces give a vertex's gradient
 * back when the next vertex is done. Each thread reuses its own.
 */
final class GradientLoan {

  private static final ThreadLocal<List<INDArray>> FREE = ThreadLocal.withInitial(ArrayList::new);

  private final INDArray memory;
  private final INDArray array;
  private int users = 1;

  private GradientLoan(INDArray memory, INDArray array) {
    this.memory = memory;
    this.array = array;
  }

  /** An array in C order, with any values, for one user. */
  static GradientLoan of(long... shape) {
    long length = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    INDArray memory = take(length);
    return new GradientLoan(
        memory, memory.get(NDArrayIndex.interval(0, length)).reshape('c', shape));
  }

  /** The smallest free memory that is large enough; in place of the largest where none is. */
  private static INDArray take(long length) {
    List<INDArray> free = FREE.get();
    free.sort(Comparator.comparingLong(INDArray::length));
    for (INDArray each : free) {
      if (each.length() >= length) {
        free.remove(each);
        return each;
      }
    }
    if (!free.isEmpty()) {
      free.remove(free.size() - 1).close();
    }
    return Nd4j.createUninitializedDetached(DataType.FLOAT, length);
  }

  INDArray array() {
    return array;
  }

  /** Another vertex reads the array too, and will release it. */
  void share() {
    users++;
  }

  /** One user is done; after the last one the memory is free. */
  void release() {
    users--;
    if (users == 0) {
      FREE.get().add(memory);
    }
  }
}
