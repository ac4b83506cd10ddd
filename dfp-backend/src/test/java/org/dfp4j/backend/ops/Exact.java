package org.dfp4j.backend.ops;

import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.DfpTensor;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The products by their definition: operands quantized by the specification, sums in int64, one
 * rounding. The sums of these tests stay below 2^53 in magnitude.
 */
final class Exact {

  private final OpPrecision precision;

  Exact(OpPrecision precision) {
    this.precision = precision;
  }

  /** One operand, in the order of dimensions of the kernels. */
  DfpTensor quantize(TensorRole role, INDArray x) {
    return precision.quantizer(role).quantize(ConvolutionCases.values(x), x.shape());
  }

  /** The nearest floats to {@code 2^(Ea + Eb) · sums}, of a shape. */
  static INDArray rounded(long[] sums, DfpTensor a, DfpTensor b, long[] shape) {
    float[] values = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      values[i] = (float) Math.scalb((double) sums[i], a.exponent() + b.exponent());
    }
    return Nd4j.createFromArray(values).reshape(shape);
  }
}
