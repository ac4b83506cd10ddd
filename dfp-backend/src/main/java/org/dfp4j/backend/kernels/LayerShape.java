package org.dfp4j.backend.kernels;

/** The dimensions of a layer, of all three of its products: a convolution or a dense layer. */
public sealed interface LayerShape permits ConvShape, DenseShape {

  /** Dimensions of the tensor that plays the given role. */
  long[] shapeOf(TensorRole role);

  /** Dimensions of {@code src}. */
  long[] srcShape();

  /** Dimensions of {@code weights}. */
  long[] weightsShape();

  /** Dimensions of {@code dst}. */
  long[] dstShape();
}
