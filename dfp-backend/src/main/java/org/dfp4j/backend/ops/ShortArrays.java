package org.dfp4j.backend.ops;

import org.bytedeco.javacpp.ShortPointer;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Copies of INT16 arrays, in logical C order. */
final class ShortArrays {

  private ShortArrays() {}

  static short[] read(INDArray x) {
    INDArray dense = FloatArrays.isDense(x, 'c') ? x : x.dup('c');
    short[] values = new short[Math.toIntExact(x.length())];
    new ShortPointer(dense.data().addressPointer()).get(values);
    return values;
  }

  static void write(INDArray x, short[] values) {
    if (FloatArrays.isDense(x, 'c')) {
      new ShortPointer(x.data().addressPointer()).put(values);
      return;
    }
    try (INDArray dense = x.ulike().dup('c')) {
      new ShortPointer(dense.data().addressPointer()).put(values);
      x.assign(dense);
    }
  }
}
