package org.dfp4j.backend.fp32;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Local response normalization in FP32. Every implementation gives the same bits with any number of
 * threads; {@link JavaResponseNormKernels} is the specification.
 *
 * <p>Arrays are FP32, {@code [mb, channels, h, w]}, and may be views, permuted or of either order;
 * those that are not dense in C order are copied. An output shares no memory with an input; one
 * that begins where an input does is refused.
 *
 * <p>Errors: an {@link IllegalArgumentException} names the argument, what was expected and what
 * came.
 */
public interface ResponseNormKernels {

  /** Short name for logs, {@code java} or {@code native avx2}. */
  String name();

  /**
   * Normalizes x.
   *
   * @param dst of the shape of x, written
   */
  void normalize(ResponseNorm norm, INDArray x, INDArray dst);

  /**
   * The gradient by x.
   *
   * @param x input of the forward pass
   * @param diffDst gradient by its output
   * @param diffSrc of the shape of x, written
   */
  void backward(ResponseNorm norm, INDArray x, INDArray diffDst, INDArray diffSrc);
}
