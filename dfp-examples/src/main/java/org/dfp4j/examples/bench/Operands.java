package org.dfp4j.examples.bench;

import java.util.SplittableRandom;
import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The FP32 tensors of a convolution: dense, NCHW and OIHW, with random inputs between -1 and 1. All
 * implementations read the same memory; each pass writes an output of its own.
 */
final class Operands implements AutoCloseable {

  private final ConvShape shape;
  private final INDArray src;
  private final INDArray weights;
  private final INDArray diffDst;

  private Operands(ConvShape shape, INDArray src, INDArray weights, INDArray diffDst) {
    this.shape = shape;
    this.src = src;
    this.weights = weights;
    this.diffDst = diffDst;
  }

  static Operands random(ConvShape shape, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    return new Operands(
        shape,
        random(random, shape.srcShape()),
        random(random, shape.weightsShape()),
        random(random, shape.dstShape()));
  }

  private static INDArray random(SplittableRandom random, long... dimensions) {
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, dimensions, 'c');
    FloatPointer values = pointer(array);
    float[] row = new float[1 << 12];
    for (long from = 0; from < array.length(); from += row.length) {
      int count = (int) Math.min(row.length, array.length() - from);
      for (int i = 0; i < count; i++) {
        row[i] = (float) (2 * random.nextDouble() - 1);
      }
      values.position(from).put(row, 0, count);
    }
    return array;
  }

  /** The first element; valid as long as the array is open. */
  static FloatPointer pointer(INDArray array) {
    return new FloatPointer(array.data().addressPointer());
  }

  ConvShape shape() {
    return shape;
  }

  INDArray of(TensorRole role) {
    return switch (role) {
      case SRC -> src;
      case WEIGHTS -> weights;
      case DIFF_DST -> diffDst;
    };
  }

  /** An array for the output of a pass; all NaN. */
  INDArray output(Direction direction) {
    long[] dimensions =
        switch (direction) {
          case FORWARD -> shape.dstShape();
          case BACKWARD_DATA -> shape.srcShape();
          case BACKWARD_WEIGHTS -> shape.weightsShape();
        };
    return Nd4j.valueArrayOf(dimensions, Float.NaN, DataType.FLOAT);
  }

  @Override
  public void close() {
    src.close();
    weights.close();
    diffDst.close();
  }
}
