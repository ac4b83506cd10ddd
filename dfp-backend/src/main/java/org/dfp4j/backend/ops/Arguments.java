package org.dfp4j.backend.ops;

import java.util.Arrays;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks of arrays that several ops share. */
final class Arguments {

  private Arguments() {}

  static void checkFloat(String argument, INDArray x) {
    checkType(argument, x, DataType.FLOAT);
  }

  static void checkType(String argument, INDArray x, DataType type) {
    if (x == null) {
      throw new IllegalArgumentException(argument + ": expected an array, got null");
    }
    if (x.dataType() != type) {
      throw new IllegalArgumentException(
          "%s: expected data type %s, got %s".formatted(argument, type, x.dataType()));
    }
  }

  static void checkShape(String argument, INDArray x, long... shape) {
    if (!Arrays.equals(x.shape(), shape)) {
      throw new IllegalArgumentException(
          "%s: expected shape %s, got %s"
              .formatted(argument, Arrays.toString(shape), Arrays.toString(x.shape())));
    }
  }

  /** Sets all elements to 0; null and arrays without elements are fine. */
  static void zero(INDArray x) {
    if (x != null && !x.isEmpty()) {
      x.assign(0);
    }
  }
}
