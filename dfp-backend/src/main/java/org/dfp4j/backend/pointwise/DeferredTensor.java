package org.dfp4j.backend.pointwise;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.IntStream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A tensor whose values are computed where they are read.
 *
 * @param x FP32, {@code [mb, channels, ...]}, of any layout
 * @param function of its elements
 */
public record DeferredTensor(INDArray x, Pointwise function) {

  public DeferredTensor {
    Objects.requireNonNull(x, "x: expected an array, got null");
    Objects.requireNonNull(function, "function: expected one, got null");
    if (x.dataType() != DataType.FLOAT || x.rank() < 2) {
      throw new IllegalArgumentException(
          "x: expected FLOAT [mb, channels, ...], got "
              + x.dataType()
              + Arrays.toString(x.shape()));
    }
    ChannelAffine affine = function.affine();
    if (affine != null && affine.channels() != x.size(1)) {
      throw new IllegalArgumentException(
          "function: expected " + x.size(1) + " channels, got " + affine.channels());
    }
  }

  /** The values of an array. */
  public static DeferredTensor of(INDArray x) {
    return new DeferredTensor(x, Pointwise.IDENTITY);
  }

  /** The values of this tensor after an activation; this has none yet. */
  public DeferredTensor then(Rectifier next) {
    return new DeferredTensor(x, function.then(next));
  }

  /** Computes the values in plain Java, which specifies them. */
  public INDArray computed() {
    float[] values = x.dup('c').data().asFloat();
    int channels = Math.toIntExact(x.size(1));
    int inner = Math.toIntExact(x.length() / x.size(0) / channels);
    IntStream.range(0, values.length)
        .parallel()
        .forEach(i -> values[i] = function.value(i / inner % channels, values[i]));
    return Nd4j.createFromArray(values).reshape('c', x.shape());
  }
}
