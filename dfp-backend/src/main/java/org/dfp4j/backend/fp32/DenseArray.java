package org.dfp4j.backend.fp32;

import java.lang.ref.Reference;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** An array without gaps: the given one, or a copy that lives until {@link #close}. */
final class DenseArray implements AutoCloseable {

  private final INDArray original;
  private final INDArray dense;
  private final boolean output;

  private DenseArray(INDArray original, char order, boolean output) {
    this.original = original;
    this.output = output;
    dense =
        FloatArrays.isDense(original, order)
            ? original
            : Nd4j.createUninitializedDetached(DataType.FLOAT, order, original.shape());
  }

  /** For reading, in order 'c' or 'f'. */
  static DenseArray input(INDArray x, char order) {
    DenseArray array = new DenseArray(x, order, false);
    if (array.dense != x) {
      array.dense.assign(x);
    }
    return array;
  }

  /** For writing; {@link #close} brings what was written to the given array. */
  static DenseArray output(INDArray y, char order) {
    return new DenseArray(y, order, true);
  }

  INDArray array() {
    return dense;
  }

  /** Until then the memory is not freed. */
  @Override
  public void close() {
    try {
      if (dense != original && output) {
        original.assign(dense);
      }
    } finally {
      Reference.reachabilityFence(dense);
    }
    if (dense != original) {
      dense.close();
    }
  }
}
