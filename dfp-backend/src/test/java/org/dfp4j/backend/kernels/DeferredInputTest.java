package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.dfp4j.backend.pointwise.ChannelAffine;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Inputs that are computed while they are packed, against packs of the computed arrays. */
class DeferredInputTest {

  private static final long SEED = 42;

  static List<Kernels> implementations() {
    return Implementations.all();
  }

  static Stream<ShapeFile.Named> shapes() {
    return Stream.of(
            ShapeFile.convolutions("one", "kernels", "strides", "padding", "small-maps"),
            ShapeFile.volumes("small").subList(0, 3),
            List.of(new ShapeFile.Named("long-rows", ShapeFile.convolution("ic2 ih3 iw5000 oc3"))))
        .flatMap(List::stream);
  }

  /** Each function with and without a normalization of the channels. */
  private static List<Pointwise> functions(int channels) {
    SplittableRandom random = new SplittableRandom(SEED);
    float[][] values = new float[3][channels];
    for (float[] row : values) {
      for (int c = 0; c < channels; c++) {
        row[c] = (float) random.nextDouble(-1, 1);
      }
    }
    List<Pointwise> functions = new ArrayList<>();
    for (ChannelAffine affine :
        new ChannelAffine[] {null, new ChannelAffine(values[0], values[1], values[2])}) {
      for (Rectifier f :
          new Rectifier[] {null, Rectifier.RELU, Rectifier.clipped(0.4), Rectifier.leaky(0.1)}) {
        functions.add(new Pointwise(affine, f));
      }
    }
    return functions;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void givesThePackOfTheComputedInput(ShapeFile.Named layer) {
    LayerShape shape = layer.shape();
    INDArray x = DataSet.RANDOM.array(shape, TensorRole.SRC);
    INDArray diffDst = DataSet.RANDOM.array(shape, TensorRole.DIFF_DST);
    Quantizer quantizer = new Quantizer(Rounding.STOCHASTIC, 0, SEED);
    for (Pointwise function : functions(Math.toIntExact(x.size(1)))) {
      INDArray computed = new DeferredTensor(x, function).computed();
      float amax = computed.amaxNumber().floatValue();
      Kernels java = new JavaKernels();
      float[] expected;
      try (PackedTensor src = java.pack(shape, TensorRole.SRC, computed, quantizer)) {
        expected = weightGradient(java, shape, src, diffDst);
      }
      int exponent = quantizer.exponent(amax);
      for (Kernels kernels : implementations()) {
        for (INDArray layout : List.of(x, x.dup('f'))) {
          for (int error : new int[] {0, 3}) {
            OptionalInt guess = OptionalInt.of(exponent + error);
            String what =
                "%s, %s, %s, %s, guess off by %d, seed %d"
                    .formatted(layer, function, kernels, layout.ordering(), error, SEED);
            DeferredTensor deferred = new DeferredTensor(layout, function);
            try (PackedTensor src = kernels.pack(shape, deferred, quantizer, guess)) {
              assertEquals(amax, src.amax(), what);
              assertArrayEquals(expected, weightGradient(kernels, shape, src, diffDst), what);
            }
          }
        }
      }
    }
  }

  private static float[] weightGradient(
      Kernels kernels, LayerShape shape, PackedTensor src, INDArray diffDst) {
    INDArray diffWeights = Products.output(shape.weightsShape());
    try (PackedTensor packed =
        kernels.pack(shape, TensorRole.DIFF_DST, diffDst, Quantizer.DEFAULT)) {
      kernels.backwardWeights(shape, src, packed, diffWeights);
    }
    return FloatArrays.read(diffWeights);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void seesWhereTheComputedValuesAreNotFinite(Kernels kernels) {
    ConvShape shape = ShapeFile.convolution("mb2 ic3 ih5 oc4 kh3");
    INDArray x = DataSet.RANDOM.array(shape, TensorRole.SRC);
    float[] zeros = new float[3];
    float[] huge = {1, Float.MAX_VALUE, 1};
    INDArray large = x.mul(1e3);
    DeferredTensor overflows =
        new DeferredTensor(large, new Pointwise(new ChannelAffine(zeros, huge, zeros), null));
    try (PackedTensor src =
        kernels.pack(shape, overflows, Quantizer.DEFAULT, OptionalInt.empty())) {
      assertFalse(src.finite());
    }
    x.putScalar(7, Float.NaN);
    DeferredTensor nan = DeferredTensor.of(x).then(Rectifier.RELU);
    try (PackedTensor src = kernels.pack(shape, nan, Quantizer.DEFAULT, OptionalInt.of(-20))) {
      assertFalse(src.finite());
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void refusesWhatDoesNotFit(Kernels kernels) {
    ConvShape shape = ShapeFile.convolution("mb2 ic3 ih5 oc4 kh3");
    DeferredTensor other = DeferredTensor.of(Nd4j.zeros(DataType.FLOAT, 2, 3, 5, 4));
    IllegalArgumentException thrown =
        assertThrows(
            IllegalArgumentException.class,
            () -> kernels.pack(shape, other, Quantizer.DEFAULT, OptionalInt.empty()));
    assertEquals("src: expected shape [2, 3, 5, 5], got [2, 3, 5, 4]", thrown.getMessage());
  }

  @Test
  void tensorsCheckThemselves() {
    INDArray x = Nd4j.zeros(DataType.FLOAT, 2, 3, 5, 4);
    Pointwise two =
        new Pointwise(new ChannelAffine(new float[2], new float[2], new float[2]), null);
    assertEquals(
        "function: expected 3 channels, got 2",
        assertThrows(IllegalArgumentException.class, () -> new DeferredTensor(x, two))
            .getMessage());
    assertEquals(
        "scale: expected 2 values, got 3",
        assertThrows(
                IllegalArgumentException.class,
                () -> new ChannelAffine(new float[2], new float[3], new float[2]))
            .getMessage());
    DeferredTensor activated = DeferredTensor.of(x).then(Rectifier.RELU);
    assertThrows(IllegalStateException.class, () -> activated.then(Rectifier.RELU));
  }
}
