package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Products that quantize the weights themselves, against the Java kernels with packed ones. */
class Fp32WeightsTest {

  private static final DenseShape SHAPE = new DenseShape(5, 70, 33);

  /** Few columns, and taps that read only padding. */
  private static final List<ConvShape> CONVOLUTIONS =
      List.of(
          new ConvShape(2, 40, 3, 3, 33, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1),
          new ConvShape(3, 40, 1, 1, 33, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1),
          new ConvShape(1, 70, 4, 4, 33, 2, 2, 1, 1, 2, 2, 0, 0, 1, 1));

  static List<Kernels> implementations() {
    return Implementations.all();
  }

  static List<ShapeFile.Named> smallShapes() {
    return ShapeFile.dense("small");
  }

  /** More than one part, and more columns than a thread takes at a time, in either direction. */
  static List<ShapeFile.Named> networks() {
    return ShapeFile.dense("networks");
  }

  /** Many of them have few columns. */
  static List<ShapeFile.Named> convolutions() {
    return ShapeFile.convolutions("small-maps", "tiles", "strides");
  }

  /** DL4J's order of the weights. */
  private static INDArray weights(LayerShape shape, DataSet data) {
    return data.array(shape, TensorRole.WEIGHTS).dup(shape instanceof DenseShape ? 'f' : 'c');
  }

  private static Fp32Weights exact(INDArray values, OptionalInt guess) {
    return new Fp32Weights(values, Quantizer.DEFAULT, guess, true);
  }

  /** Both products, and what they found out about the weights. */
  private static final class Outputs {

    private final float[] dst;
    private final float[] diffSrc;
    private final Quantized seen;

    private Outputs(float[] dst, float[] diffSrc, Quantized seen) {
      this.dst = dst;
      this.diffSrc = diffSrc;
      this.seen = seen;
    }

    static Outputs of(Kernels kernels, LayerShape shape, DataSet data, Fp32Weights weights) {
      Quantizer quantizer = Quantizer.DEFAULT;
      try (PackedTensor src = Products.pack(kernels, shape, TensorRole.SRC, data, quantizer);
          PackedTensor diffDst =
              Products.pack(kernels, shape, TensorRole.DIFF_DST, data, quantizer)) {
        INDArray dst = Products.output(shape.dstShape());
        INDArray diffSrc = Products.output(shape.srcShape());
        Quantized seen = kernels.forward(shape, src, weights, Products.bias(shape), dst);
        Quantized again = kernels.backwardData(shape, diffDst, weights, diffSrc);
        assertEquals(Float.floatToIntBits(seen.amax()), Float.floatToIntBits(again.amax()));
        return new Outputs(FloatArrays.read(dst), FloatArrays.read(diffSrc), seen);
      }
    }

    static Outputs ofPacked(Kernels kernels, LayerShape shape, DataSet data, Fp32Weights weights) {
      Quantizer quantizer = Quantizer.DEFAULT;
      try (PackedTensor src = Products.pack(kernels, shape, TensorRole.SRC, data, quantizer);
          PackedTensor packed =
              kernels.pack(shape, TensorRole.WEIGHTS, weights.values(), weights.quantizer());
          PackedTensor diffDst =
              Products.pack(kernels, shape, TensorRole.DIFF_DST, data, quantizer)) {
        INDArray dst = Products.output(shape.dstShape());
        INDArray diffSrc = Products.output(shape.srcShape());
        kernels.forward(shape, src, packed, Products.bias(shape), dst);
        kernels.backwardData(shape, diffDst, packed, diffSrc);
        return new Outputs(FloatArrays.read(dst), FloatArrays.read(diffSrc), packed);
      }
    }

    void assertSame(Outputs actual, String what) {
      Products.assertSame(dst, actual.dst, what + ", dst");
      Products.assertSame(diffSrc, actual.diffSrc, what + ", diffSrc");
      assertEquals(seen.amax(), actual.seen.amax(), what);
      assertEquals(seen.exponent(), actual.seen.exponent(), what);
      assertTrue(actual.seen.finite(), what);
    }
  }

  @ParameterizedTest
  @MethodSource("smallShapes")
  void hasTheBitsOfPackedWeights(ShapeFile.Named layer) {
    for (DataSet data : DataSet.values()) {
      compare(layer, data);
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void hasTheBitsOfPackedWeightsInLargeLayers(ShapeFile.Named layer) {
    compare(layer, DataSet.RANDOM);
  }

  private static void compare(ShapeFile.Named layer, DataSet data) {
    LayerShape shape = layer.shape();
    Fp32Weights weights = exact(weights(shape, data), OptionalInt.empty());
    Outputs expected = Outputs.ofPacked(new JavaKernels(), shape, data, weights);
    for (Kernels kernels : Implementations.all()) {
      expected.assertSame(
          Outputs.of(kernels, shape, data, weights), kernels + " " + layer + " " + data);
    }
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void hasTheBitsOfPackedWeightsInConvolutions(ShapeFile.Named layer) {
    for (DataSet data : List.of(DataSet.RANDOM, DataSet.MAX, DataSet.SUBNORMAL)) {
      compare(layer, data);
    }
  }

  @Test
  void areTakenWhereProductsAreFewBesideTheWeights() {
    for (String row : NativeRows.running()) {
      Kernels kernels = NativeKernels.forIsa(row);
      CONVOLUTIONS.forEach(shape -> assertTrue(kernels.takesFp32Weights(shape), "" + shape));
      assertTrue(kernels.takesFp32Weights(SHAPE));
      assertFalse(
          kernels.takesFp32Weights(new ConvShape(8, 40, 7, 7, 33, 7, 7, 3, 3, 1, 1, 1, 1, 1, 1)));
      assertFalse(
          kernels.takesFp32Weights(new ConvShape(1, 40, 4, 4, 33, 2, 2, 3, 3, 2, 2, 1, 1, 1, 1)));
    }
  }

  @Test
  void doesNotDependOnThreads() {
    doesNotDependOnThreads(new DenseShape(13, 1300, 700));
    doesNotDependOnThreads(new ConvShape(2, 90, 7, 7, 200, 7, 7, 3, 3, 1, 1, 1, 1, 1, 1));
    doesNotDependOnThreads(new ConvShape(5, 300, 1, 1, 500, 1, 1, 3, 3, 1, 1, 1, 1, 1, 1));
  }

  private static void doesNotDependOnThreads(LayerShape shape) {
    Fp32Weights weights = exact(weights(shape, DataSet.RANDOM), OptionalInt.empty());
    Outputs expected = Outputs.ofPacked(new JavaKernels(), shape, DataSet.RANDOM, weights);
    for (String row : NativeRows.running()) {
      for (int threads : new int[] {1, 2, 3, 4}) {
        Kernels kernels = NativeKernels.forIsa(row, threads);
        expected.assertSame(
            Outputs.of(kernels, shape, DataSet.RANDOM, weights), kernels + " threads " + threads);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void doesNotDependOnTheGuess(Kernels kernels) {
    doesNotDependOnTheGuess(kernels, SHAPE);
    CONVOLUTIONS.forEach(shape -> doesNotDependOnTheGuess(kernels, shape));
  }

  private static void doesNotDependOnTheGuess(Kernels kernels, LayerShape shape) {
    INDArray values = weights(shape, DataSet.RANDOM);
    Outputs expected =
        Outputs.ofPacked(
            new JavaKernels(), shape, DataSet.RANDOM, exact(values, OptionalInt.empty()));
    int exponent = expected.seen.exponent();
    for (int guess : new int[] {exponent, exponent - 1, exponent + 1, -1000, 1000}) {
      Fp32Weights weights = exact(values, OptionalInt.of(guess));
      expected.assertSame(
          Outputs.of(kernels, shape, DataSet.RANDOM, weights), kernels + " guess " + guess);
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void roundsAsPackingDoes(Kernels kernels) {
    roundsAsPackingDoes(kernels, SHAPE);
    CONVOLUTIONS.forEach(shape -> roundsAsPackingDoes(kernels, shape));
  }

  private static void roundsAsPackingDoes(Kernels kernels, LayerShape shape) {
    INDArray values = weights(shape, DataSet.RANDOM);
    for (Rounding rounding : Rounding.values()) {
      for (int headroom = 0; headroom <= 2; headroom++) {
        Quantizer quantizer = new Quantizer(rounding, headroom, DataSet.SEED);
        Fp32Weights weights = new Fp32Weights(values, quantizer, OptionalInt.empty(), false);
        Outputs.ofPacked(new JavaKernels(), shape, DataSet.RANDOM, weights)
            .assertSame(
                Outputs.of(kernels, shape, DataSet.RANDOM, weights), kernels + " " + quantizer);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void takesAnyLayout(Kernels kernels) {
    INDArray rows = DataSet.RANDOM.array(SHAPE, TensorRole.WEIGHTS);
    INDArray apart = Products.output(SHAPE.ic() + 3, SHAPE.oc()).dup('f');
    List<INDArray> layouts = new ArrayList<>(List.of(rows));
    layouts.add(apart.get(interval(SHAPE.ic()), interval(SHAPE.oc())).assign(rows));
    Outputs expected =
        Outputs.ofPacked(
            new JavaKernels(), SHAPE, DataSet.RANDOM, exact(rows, OptionalInt.empty()));
    for (INDArray values : layouts) {
      Outputs actual =
          Outputs.of(kernels, SHAPE, DataSet.RANDOM, exact(values, OptionalInt.empty()));
      expected.assertSame(actual, kernels + " " + values.shapeInfoToString());
      assertTrue(actual.seen.isPackOf(values));
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void takesAnyLayoutOfFilters(Kernels kernels) {
    ConvShape shape = CONVOLUTIONS.get(0);
    INDArray values = weights(shape, DataSet.RANDOM);
    INDArray channelsLast = values.permute(0, 2, 3, 1).dup('c').permute(0, 3, 1, 2);
    Fp32Weights weights = exact(values, OptionalInt.empty());
    Outputs expected = Outputs.ofPacked(new JavaKernels(), shape, DataSet.RANDOM, weights);
    for (INDArray layout : List.of(values, channelsLast)) {
      Outputs actual =
          Outputs.of(kernels, shape, DataSet.RANDOM, exact(layout, OptionalInt.empty()));
      expected.assertSame(actual, kernels + " " + layout.shapeInfoToString());
      assertTrue(actual.seen.isPackOf(layout));
      INDArray changed = layout.dup('c');
      changed.putScalar(new int[] {1, 2, 0, 1}, -changed.getFloat(1, 2, 0, 1));
      assertFalse(actual.seen.isPackOf(changed));
    }
  }

  private static INDArrayIndex interval(long end) {
    return NDArrayIndex.interval(0, end);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void tellsWhetherWeightsHaveChanged(Kernels kernels) {
    INDArray values = weights(SHAPE, DataSet.RANDOM);
    Quantized seen =
        Outputs.of(kernels, SHAPE, DataSet.RANDOM, exact(values, OptionalInt.of(-18))).seen;
    assertEquals(TensorRole.WEIGHTS, seen.role());
    assertEquals(Quantizer.DEFAULT, seen.quantizer());
    assertTrue(seen.isPackOf(values));
    IntStream.of(0, 1, SHAPE.oc() - 1)
        .forEach(
            o -> {
              INDArray changed = values.dup('f');
              changed.putScalar(SHAPE.ic() - 1, o, Math.nextUp(values.getFloat(69, o)));
              assertFalse(seen.isPackOf(changed), "output " + o);
            });
    assertThrows(IllegalArgumentException.class, () -> seen.isPackOf(null));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void isAllNaNWhereAnOperandIsNotFinite(Kernels kernels) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      INDArray values = weights(SHAPE, DataSet.RANDOM);
      values.putScalar(3, 4, bad);
      try (PackedTensor src =
          Products.pack(kernels, SHAPE, TensorRole.SRC, DataSet.RANDOM, Quantizer.DEFAULT)) {
        for (OptionalInt guess : List.of(OptionalInt.empty(), OptionalInt.of(-18))) {
          INDArray dst = Products.output(SHAPE.dstShape());
          Quantized seen = kernels.forward(SHAPE, src, exact(values, guess), null, dst);
          assertFalse(seen.finite());
          assertFalse(Float.isFinite(seen.amax()));
          assertEquals(dst.length(), dst.isNaN().castTo(dst.dataType()).sumNumber().longValue());
        }
      }
    }
    INDArray badSrc = DataSet.RANDOM.array(SHAPE, TensorRole.SRC).putScalar(0, 0, Float.NaN);
    INDArray values = weights(SHAPE, DataSet.RANDOM);
    try (PackedTensor src =
        Products.pack(kernels, SHAPE, TensorRole.SRC, badSrc, Quantizer.DEFAULT)) {
      INDArray dst = Products.output(SHAPE.dstShape());
      Quantized seen = kernels.forward(SHAPE, src, exact(values, OptionalInt.empty()), null, dst);
      assertTrue(seen.finite());
      assertEquals(dst.length(), dst.isNaN().castTo(dst.dataType()).sumNumber().longValue());
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void refusesWhatDoesNotFit(Kernels kernels) {
    try (PackedTensor src =
        Products.pack(kernels, SHAPE, TensorRole.SRC, DataSet.RANDOM, Quantizer.DEFAULT)) {
      INDArray dst = Products.output(SHAPE.dstShape());
      Fp32Weights wrong = exact(Products.output(3, 4), OptionalInt.empty());
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> kernels.forward(SHAPE, src, wrong, null, dst))
              .getMessage();
      assertEquals("weights: expected shape [70, 33], got [3, 4]", message);
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.forward(SHAPE, src, (Fp32Weights) null, null, dst));
    }
  }
}
