package org.dfp4j.backend.kernels;

/** The three products of a layer: their operands and the tensor they write. */
public enum Pass {
  /** {@code dst = src ⊛ weights (+ bias)}. */
  FORWARD(TensorRole.SRC, TensorRole.WEIGHTS, "dst"),
  /** {@code diffSrc = diffDst ⊛ weightsᵀ}. */
  BACKWARD_DATA(TensorRole.DIFF_DST, TensorRole.WEIGHTS, "diffSrc"),
  /** {@code diffWeights = src ⊛ diffDst}. */
  BACKWARD_WEIGHTS(TensorRole.SRC, TensorRole.DIFF_DST, "diffWeights");

  final TensorRole first;
  final TensorRole second;
  final String output;

  Pass(TensorRole first, TensorRole second, String output) {
    this.first = first;
    this.second = second;
    this.output = output;
  }

  long[] outputShape(LayerShape shape) {
    return switch (this) {
      case FORWARD -> shape.dstShape();
      case BACKWARD_DATA -> shape.srcShape();
      case BACKWARD_WEIGHTS -> shape.weightsShape();
    };
  }

  /**
   * The order in which the output is computed: C, but F for the weights of a fully connected layer,
   * as DL4J stores them.
   */
  char outputOrder(LayerShape shape) {
    return this == BACKWARD_WEIGHTS && shape instanceof DenseShape ? 'f' : 'c';
  }
}
