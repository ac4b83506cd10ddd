package org.dfp4j.backend.fp32;

import java.util.Arrays;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The part of {@link PoolKernels} that checks arguments and makes arrays dense in C order. */
abstract class AbstractPoolKernels implements PoolKernels {

  abstract void densePool(Pooling how, long planes, INDArray src, INDArray dst);

  abstract void densePoolBackward(
      Pooling how, long planes, INDArray src, INDArray diffDst, INDArray diffSrc);

  @Override
  public final void pool(Pooling how, INDArray src, INDArray dst) {
    long[] shape = check(how, src);
    check("dst", dst, shape[0], shape[1], how.oh(), how.ow());
    checkDistinct("dst", dst);
    try (DenseArray from = DenseArray.input(src, 'c');
        DenseArray to = DenseArray.output(dst, 'c')) {
      densePool(how, shape[0] * shape[1], from.array(), to.array());
    }
  }

  @Override
  public final void poolBackward(Pooling how, INDArray src, INDArray diffDst, INDArray diffSrc) {
    long[] shape = check(how, src);
    check("diffDst", diffDst, shape[0], shape[1], how.oh(), how.ow());
    check("diffSrc", diffSrc, shape);
    checkDistinct("diffSrc", diffSrc);
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
    boolean batch = src != null && src.rank() == 4;
    long mb = batch ? src.size(0) : 1;
    long channels = batch ? src.size(1) : 1;
    long[] expected = {mb, channels, how.ih(), how.iw()};
    check("src", src, expected);
    return expected;
  }

  private static void check(String argument, INDArray x, long... shape) {
    if (x == null || x.wasClosed() || x.dataType() != DataType.FLOAT || x.isEmpty()) {
      throw new IllegalArgumentException(
          argument
              + ": expected an open array of FLOAT with elements, got "
              + (x == null ? "null" : x.wasClosed() ? "a closed one" : x.dataType().toString()));
    }
    if (!Arrays.equals(x.shape(), shape)) {
      throw new IllegalArgumentException(
          argument
              + ": expected shape "
              + Arrays.toString(shape)
              + ", got "
              + Arrays.toString(x.shape()));
    }
  }

  private static void checkDistinct(String argument, INDArray x) {
    if (FloatArrays.repeatsElements(x)) {
      throw new IllegalArgumentException(
          argument
              + ": expected an array whose elements are distinct, got strides "
              + Arrays.toString(x.stride()));
    }
  }
}
