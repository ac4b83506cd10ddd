package org.dfp4j.backend.ops;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.ShortPointer;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies of INT16 arrays, in logical C order. */
final class ShortArrays {

  private ShortArrays() {}

  static short[] read(INDArray x) {
    INDArray dense = FloatArrays.isDense(x, 'c') ? x : x.dup('c');
    short[] values = new short[Math.toIntExact(x.length())];
    try {
      new ShortPointer(dense.data().addressPointer()).get(values);
    } finally {
      Reference.reachabilityFence(dense);
    }
    return values;
  }

  static void write(INDArray x, short[] values) {
    if (FloatArrays.isDense(x, 'c')) {
      new ShortPointer(x.data().addressPointer()).put(values);
      return;
    }
    try (INDArray dense = Nd4j.createUninitializedDetached(x.dataType(), 'c', x.shape())) {
      new ShortPointer(dense.data().addressPointer()).put(values);
      x.assign(dense);
    }
  }
}
