package org.dfp4j.backend.fp32;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The part of {@link ResponseNormKernels} that checks arguments and makes arrays dense. */
abstract class AbstractResponseNormKernels implements ResponseNormKernels {

  abstract void denseNormalize(ResponseNorm norm, INDArray x, INDArray dst);

  abstract void denseBackward(ResponseNorm norm, INDArray x, INDArray diffDst, INDArray diffSrc);

  @Override
  public final void normalize(ResponseNorm norm, INDArray x, INDArray dst) {
    check(norm, x);
    PlaneArguments.checkOutput("dst", dst, x.shape());
    PlaneArguments.checkApart("dst", dst, "x", x);
    try (DenseArray from = DenseArray.input(x, 'c');
        DenseArray to = DenseArray.output(dst, 'c')) {
      denseNormalize(norm, from.array(), to.array());
    }
  }

  @Override
  public final void backward(ResponseNorm norm, INDArray x, INDArray diffDst, INDArray diffSrc) {
    check(norm, x);
    PlaneArguments.check("diffDst", diffDst, x.shape());
    PlaneArguments.checkOutput("diffSrc", diffSrc, x.shape());
    PlaneArguments.checkApart("diffSrc", diffSrc, "x", x);
    PlaneArguments.checkApart("diffSrc", diffSrc, "diffDst", diffDst);
    try (DenseArray values = DenseArray.input(x, 'c');
        DenseArray from = DenseArray.input(diffDst, 'c');
        DenseArray to = DenseArray.output(diffSrc, 'c')) {
      denseBackward(norm, values.array(), from.array(), to.array());
    }
  }

  @Override
  public final String toString() {
    return name();
  }

  private static void check(ResponseNorm norm, INDArray x) {
    if (norm == null) {
      throw new IllegalArgumentException("norm: expected a normalization, got null");
    }
    PlaneArguments.checkRank("x", x);
  }
}
