package org.dfp4j.backend.fp32;

import java.util.Arrays;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks of arrays of planes, {@code [mb, channels, h, w]}. */
final class PlaneArguments {

  private PlaneArguments() {}

  /** Of four dimensions. */
  static void checkRank(String argument, INDArray x) {
    checkFloat(argument, x);
    if (x.rank() != 4) {
      throw new IllegalArgumentException(
          argument
              + ": expected 4 dimensions (mb, channels, h, w), got shape "
              + Arrays.toString(x.shape()));
    }
  }

  /** Of the given shape. */
  static void check(String argument, INDArray x, long... shape) {
    checkFloat(argument, x);
    if (!Arrays.equals(x.shape(), shape)) {
      throw new IllegalArgumentException(
          argument
              + ": expected shape "
              + Arrays.toString(shape)
              + ", got "
              + Arrays.toString(x.shape()));
    }
  }

  /** Of the given shape, and fit to be written. */
  static void checkOutput(String argument, INDArray x, long... shape) {
    check(argument, x, shape);
    if (FloatArrays.repeatsElements(x)) {
      throw new IllegalArgumentException(
          argument
              + ": expected an array whose elements are distinct, got strides "
              + Arrays.toString(x.stride()));
    }
  }

  /** An output whose planes are written while those of an input are still read. */
  static void checkApart(String output, INDArray y, String input, INDArray x) {
    if (FloatArrays.pointer(y).address() == FloatArrays.pointer(x).address()) {
      throw new IllegalArgumentException(
          output + ": expected memory of its own, got that of " + input);
    }
  }

  private static void checkFloat(String argument, INDArray x) {
    if (x == null || x.wasClosed() || x.dataType() != DataType.FLOAT || x.isEmpty()) {
      throw new IllegalArgumentException(
          argument
              + ": expected an open array of FLOAT with elements, got "
              + (x == null ? "null" : x.wasClosed() ? "a closed one" : x.dataType().toString()));
    }
  }
}
