package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.nd4j.common.util.ArrayUtil;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Settings of convolutions, and arrays for them. */
final class ConvolutionCases {

  static final int MB = 2;
  static final int IC = 3;
  static final int IH = 9;
  static final int IW = 8;
  static final int OC = 4;

  private ConvolutionCases() {}

  /** Each geometry in each data format and weights format. */
  static Stream<ConvolutionSpec> all() {
    return geometries()
        .flatMap(
            spec ->
                Stream.of(false, true)
                    .flatMap(
                        last ->
                            Stream.of(WeightsFormat.values())
                                .map(format -> with(spec, last, format))));
  }

  /** Strides, paddings and dilations, NCHW and YXIO. */
  static Stream<ConvolutionSpec> geometries() {
    return Stream.of(
        spec(3, 2, 1, 1, 0, 0, 1, 1, PaddingMode.VALID),
        spec(3, 2, 2, 3, 1, 2, 1, 1, PaddingMode.VALID),
        spec(3, 2, 1, 2, 2, 0, 2, 3, PaddingMode.VALID),
        spec(1, 1, 1, 1, 0, 0, 1, 1, PaddingMode.VALID),
        spec(3, 2, 1, 1, 0, 0, 1, 1, PaddingMode.SAME),
        spec(2, 3, 2, 3, 0, 0, 1, 1, PaddingMode.SAME),
        spec(2, 3, 1, 1, 0, 0, 3, 2, PaddingMode.SAME),
        spec(1, 1, 5, 5, 0, 0, 1, 1, PaddingMode.SAME),
        spec(3, 2, 1, 1, 0, 0, 1, 1, PaddingMode.CAUSAL),
        spec(2, 3, 2, 1, 0, 0, 2, 2, PaddingMode.CAUSAL));
  }

  static ConvolutionSpec spec(
      int kh, int kw, int sh, int sw, int ph, int pw, int dh, int dw, PaddingMode padding) {
    return new ConvolutionSpec(kh, kw, sh, sw, ph, pw, dh, dw, padding, false, WeightsFormat.YXIO);
  }

  static ConvolutionSpec with(ConvolutionSpec s, boolean channelsLast, WeightsFormat format) {
    return new ConvolutionSpec(
        s.kh(),
        s.kw(),
        s.sh(),
        s.sw(),
        s.ph(),
        s.pw(),
        s.dh(),
        s.dw(),
        s.padding(),
        channelsLast,
        format);
  }

  static long[] inputShape(ConvolutionSpec spec) {
    return spec.channelsLast() ? new long[] {MB, IH, IW, IC} : new long[] {MB, IC, IH, IW};
  }

  static long[] weightsShape(ConvolutionSpec spec) {
    return switch (spec.weightsFormat()) {
      case YXIO -> new long[] {spec.kh(), spec.kw(), IC, OC};
      case OIYX -> new long[] {OC, IC, spec.kh(), spec.kw()};
      case OYXI -> new long[] {OC, spec.kh(), spec.kw(), IC};
    };
  }

  static long[] outputShape(ConvolutionSpec spec) {
    return spec.outputShape(inputShape(spec), weightsShape(spec));
  }

  /** FP32 numbers from a normal distribution. */
  static INDArray normal(Random random, long... shape) {
    float[] values = new float[(int) ArrayUtil.prodLong(shape)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape(shape);
  }

  static INDArray zeros(long... shape) {
    return Nd4j.create(DataType.FLOAT, shape);
  }

  /** Activations without their first rows and columns. */
  static INDArray part(INDArray x, long top, long left) {
    return x.get(
        NDArrayIndex.all(),
        NDArrayIndex.all(),
        NDArrayIndex.interval(top, x.size(2)),
        NDArrayIndex.interval(left, x.size(3)));
  }

  /** Fails where shapes or bits differ. */
  static void assertSameBits(INDArray expected, INDArray actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    assertArrayEquals(values(expected), values(actual));
  }

  /** In C order. */
  static float[] values(INDArray x) {
    return x.dup('c').data().asFloat();
  }

  /** The same values with gaps between them and in F order. */
  static INDArray scattered(INDArray x) {
    long[] wide = x.shape().clone();
    wide[wide.length - 1] *= 2;
    INDArray big = Nd4j.create(x.dataType(), wide, 'f');
    INDArrayIndex[] every = new INDArrayIndex[wide.length];
    Arrays.fill(every, NDArrayIndex.all());
    every[wide.length - 1] = NDArrayIndex.interval(0, 2, wide[wide.length - 1]);
    INDArray view = big.get(every);
    view.assign(x);
    return view;
  }
}
