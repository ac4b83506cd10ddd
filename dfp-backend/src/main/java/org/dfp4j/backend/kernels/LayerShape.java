package org.dfp4j.backend.kernels;

/** The dimensions of a layer, of all three of its products. */
public sealed interface LayerShape permits ConvShape, Conv3dShape, DepthwiseShape, DenseShape {

  /** Dimensions of {@code src}. */
  long[] srcShape();

  /** Dimensions of {@code weights}. */
  long[] weightsShape();

  /** Dimensions of {@code dst}; the second one counts the output channels. */
  long[] dstShape();

  /** Dimensions of the tensor that plays the given role. */
  default long[] shapeOf(TensorRole role) {
    return switch (role) {
      case SRC -> srcShape();
      case WEIGHTS -> weightsShape();
      case DIFF_DST -> dstShape();
    };
  }

  /** Throws where the dimension is too small. */
  static void atLeast(int least, int value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": expected >= " + least + ", got " + value);
    }
  }
}
