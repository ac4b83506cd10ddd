package org.dfp4j.backend.fp32;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Pooling in FP32, with DL4J's bits: sums are FP32, in row order. Every implementation gives the
 * same bits with any number of threads; {@link JavaPoolKernels} is the specification.
 *
 * <p>Arrays are FP32 and may be views, permuted or of either order; those that are not dense in C
 * order are copied. An output shares no memory with an input; one that begins where an input does
 * is refused.
 *
 * <p>Errors: an {@link IllegalArgumentException} names the argument, what was expected and what
 * came.
 */
public interface PoolKernels {

  /** Short name for logs, {@code java} or {@code native avx2}. */
  String name();

  /**
   * Pools each plane.
   *
   * @param src {@code [mb, c, ih, iw]}
   * @param dst {@code [mb, c, oh, ow]}, written
   */
  void pool(Pooling how, INDArray src, INDArray dst);

  /**
   * Adds each {@code diffDst} to the cell of the maximum, or its share to every cell of the window,
   * in the order of {@code dst}.
   *
   * @param src {@code [mb, c, ih, iw]}, the input of the forward pass
   * @param diffDst {@code [mb, c, oh, ow]}
   * @param diffSrc {@code [mb, c, ih, iw]}, written
   */
  void poolBackward(Pooling how, INDArray src, INDArray diffDst, INDArray diffSrc);
}
