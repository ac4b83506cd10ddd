package org.dfp4j.backend.fp32;

import org.nd4j.linalg.api.ndarray.INDArray;

/** The part of {@link PoolKernels} that checks arguments and makes arrays dense in C order. */
abstract class AbstractPoolKernels implements PoolKernels {

  abstract void densePool(Pooling how, long planes, INDArray src, INDArray dst);

  abstract void densePoolBackward(
      Pooling how, long planes, INDArray src, INDArray diffDst, INDArray diffSrc);

  @Override
  public final void pool(Pooling how, INDArray src, INDArray dst) {
    long[] shape = check(how, src);
    PlaneArguments.checkOutput("dst", dst, shape[0], shape[1], how.oh(), how.ow());
    PlaneArguments.checkApart("dst", dst, "src", src);
    try (DenseArray from = DenseArray.input(src, 'c');
        DenseArray to = DenseArray.output(dst, 'c')) {
      densePool(how, shape[0] * shape[1], from.array(), to.array());
    }
  }

  @Override
  public final void poolBackward(Pooling how, INDArray src, INDArray diffDst, INDArray diffSrc) {
    long[] shape = check(how, src);
    PlaneArguments.check("diffDst", diffDst, shape[0], shape[1], how.oh(), how.ow());
    PlaneArguments.checkOutput("diffSrc", diffSrc, shape);
    PlaneArguments.checkApart("diffSrc", diffSrc, "src", src);
    PlaneArguments.checkApart("diffSrc", diffSrc, "diffDst", diffDst);
    try (DenseArray values = DenseArray.input(src, 'c');
        DenseArray from = DenseArray.input(diffDst, 'c');
        DenseArray to = DenseArray.output(diffSrc, 'c')) {
      densePoolBackward(how, shape[0] * shape[1], values.array(), from.array(), to.array());
    }
  }

  @Override
  public final String toString() {
    return name();
  }

  private static long[] check(Pooling how, INDArray src) {
    if (how == null) {
      throw new IllegalArgumentException("how: expected a pooling, got null");
    }
    PlaneArguments.checkRank("src", src);
    long[] expected = {src.size(0), src.size(1), how.ih(), how.iw()};
    PlaneArguments.check("src", src, expected);
    return expected;
  }
}
