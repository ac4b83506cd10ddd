package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What packed tensors know, how long they live, and how they notice that weights have changed. */
class PackedTensorTest {

  private static final ConvShape SHAPE = ShapeFile.convolution("mb2 ic3 ih5 oc4 kh3");

  static List<Kernels> implementations() {
    return Implementations.all();
  }

  private static INDArray weights() {
    return DataSet.RANDOM.array(SHAPE, TensorRole.WEIGHTS);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void knowsHowItWasMade(Kernels kernels) {
    INDArray x = weights();
    x.putScalar(50, -5.5f);
    Quantizer quantizer = new Quantizer(Rounding.STOCHASTIC, 1, 9);
    try (PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, x, quantizer)) {
      assertEquals(TensorRole.WEIGHTS, packed.role());
      assertEquals(quantizer, packed.quantizer());
      assertEquals(5.5f, packed.amax());
      assertEquals(2 - 14 + 1, packed.exponent());
      assertTrue(packed.finite());
      assertTrue(packed.bytes() >= 2 * x.length(), "bytes " + packed.bytes());
    }
  }

  /** Of a stride that skips elements and one that does not; the largest value is skipped. */
  @ParameterizedTest
  @MethodSource("implementations")
  void noGuessChangesATensor(Kernels kernels) {
    for (String text : List.of("mb2 ic3 ih5 oc4 kh3", "mb1 ic2 ih8 oc3 kh1 sh2")) {
      ConvShape shape = ShapeFile.convolution(text);
      INDArray src = DataSet.RANDOM.array(shape, TensorRole.SRC);
      src.putScalar(new int[] {0, 1, 1, 3}, 1000f);
      INDArray diffDst = DataSet.RANDOM.array(shape, TensorRole.DIFF_DST);
      for (Rounding rounding : Rounding.values()) {
        Quantizer quantizer = new Quantizer(rounding, 1, 7);
        INDArray expected = weightGradient(kernels, shape, src, diffDst, quantizer, -1, -1);
        int exponent = quantizer.exponent(src.amaxNumber().floatValue());
        int other = quantizer.exponent(diffDst.amaxNumber().floatValue());
        for (int error : new int[] {0, 1, -1, 90, -90, 4000, -4000}) {
          INDArray got =
              weightGradient(
                  kernels, shape, src, diffDst, quantizer, exponent + error, other - error);
          assertEquals(expected, got, text + " " + rounding + " guess off by " + error);
        }
      }
    }
  }

  /** diffWeights of tensors packed by guesses; those of -1 are none. */
  private static INDArray weightGradient(
      Kernels kernels,
      ConvShape shape,
      INDArray src,
      INDArray diffDst,
      Quantizer quantizer,
      int srcGuess,
      int diffDstGuess) {
    INDArray diffWeights = Nd4j.create(DataType.FLOAT, shape.weightsShape());
    try (PackedTensor a = kernels.pack(shape, TensorRole.SRC, src, quantizer, guess(srcGuess));
        PackedTensor b =
            kernels.pack(shape, TensorRole.DIFF_DST, diffDst, quantizer, guess(diffDstGuess))) {
      assertEquals(src.amaxNumber().floatValue(), a.amax());
      assertEquals(diffDst.amaxNumber().floatValue(), b.amax());
      kernels.backwardWeights(shape, a, b, diffWeights);
    }
    return diffWeights;
  }

  private static OptionalInt guess(int exponent) {
    return exponent == -1 ? OptionalInt.empty() : OptionalInt.of(exponent);
  }

  /** Weights of several panels of every row, in C order and with gaps or permuted. */
  @ParameterizedTest
  @MethodSource("implementations")
  void noGuessChangesTheWeights(Kernels kernels) {
    for (String text : List.of("mb1 ic5 ih4 oc37 kh3 ph1", "mb1 ic70 ih2 oc13 kh1")) {
      ConvShape shape = ShapeFile.convolution(text);
      INDArray dense = DataSet.RANDOM.array(shape, TensorRole.WEIGHTS);
      for (Rounding rounding : Rounding.values()) {
        Quantizer quantizer = new Quantizer(rounding, 0, 7);
        int exponent = quantizer.exponent(dense.amaxNumber().floatValue());
        List<INDArray> expected = products(kernels, shape, dense, quantizer, OptionalInt.empty());
        for (INDArray weights : List.of(dense, withGaps(dense), dense.dup('f'))) {
          for (int error : new int[] {0, 1, -1, 90, -90, 4000}) {
            OptionalInt guess = OptionalInt.of(exponent + error);
            assertEquals(
                expected,
                products(kernels, shape, weights, quantizer, guess),
                text + " " + rounding + " guess off by " + error);
          }
        }
      }
    }
  }

  /** A view that leaves out a channel of each filter. */
  private static INDArray withGaps(INDArray weights) {
    long[] shape = weights.shape().clone();
    INDArrayIndex channels = NDArrayIndex.interval(0, shape[1]++);
    INDArray view =
        Nd4j.create(DataType.FLOAT, shape)
            .get(NDArrayIndex.all(), channels, NDArrayIndex.all(), NDArrayIndex.all());
    return view.assign(weights);
  }

  /** dst and diffSrc with weights packed by a guess, which also recognize their values. */
  private static List<INDArray> products(
      Kernels kernels, ConvShape shape, INDArray weights, Quantizer quantizer, OptionalInt guess) {
    INDArray dst = Nd4j.create(DataType.FLOAT, shape.dstShape());
    INDArray diffSrc = Nd4j.create(DataType.FLOAT, shape.srcShape());
    INDArray changed = weights.dup(weights.ordering());
    changed.putScalar(changed.length() - 1, Math.nextUp(changed.getFloat(changed.length() - 1)));
    try (PackedTensor src = packRandom(kernels, shape, TensorRole.SRC);
        PackedTensor diffDst = packRandom(kernels, shape, TensorRole.DIFF_DST);
        PackedTensor packed = kernels.pack(shape, TensorRole.WEIGHTS, weights, quantizer, guess)) {
      assertEquals(weights.amaxNumber().floatValue(), packed.amax());
      assertTrue(packed.isPackOf(weights), "the same values");
      assertFalse(packed.isPackOf(changed), "one unit in the last place");
      kernels.forward(shape, src, packed, null, dst);
      kernels.backwardData(shape, diffDst, packed, diffSrc);
    }
    return List.of(dst, diffSrc);
  }

  private static PackedTensor packRandom(Kernels kernels, ConvShape shape, TensorRole role) {
    return kernels.pack(shape, role, DataSet.RANDOM.array(shape, role), Quantizer.DEFAULT);
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void aGuessHidesNoBadNumber(Kernels kernels) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (TensorRole role : TensorRole.values()) {
        INDArray x = DataSet.RANDOM.array(SHAPE, role);
        x.putScalar(17, bad);
        try (PackedTensor packed =
            kernels.pack(SHAPE, role, x, Quantizer.DEFAULT, OptionalInt.of(-12))) {
          assertFalse(packed.finite(), role + " finite with " + bad);
          assertEquals(0, packed.bytes());
          if (role == TensorRole.WEIGHTS) {
            assertTrue(packed.isPackOf(x), "the same values");
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void zerosHaveTheSmallestExponent(Kernels kernels) {
    INDArray x = Nd4j.zeros(DataType.FLOAT, SHAPE.weightsShape());
    try (PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, x, Quantizer.DEFAULT)) {
      assertEquals(0f, packed.amax());
      assertEquals(Quantizer.MIN_EXPONENT, packed.exponent());
      assertTrue(packed.finite());
    }
  }

  /** In training the slice that is looked at first has changed, and nothing else is read. */
  @ParameterizedTest
  @MethodSource("implementations")
  void aSliceTellsOfMostChanges(Kernels kernels) {
    assumeTrue(kernels instanceof NativeKernels, "the Java kernels read all weights");
    INDArray x = weights();
    try (PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, x, Quantizer.DEFAULT)) {
      Pack pack = (Pack) packed;
      assertTrue(pack.mayBePackOf(x));
      x.putScalar(x.length() - 1, 3 + x.getFloat(x.length() - 1));
      assertTrue(pack.mayBePackOf(x), "a change elsewhere");
      assertFalse(packed.isPackOf(x), "a change elsewhere");
      assertFalse(pack.mayBePackOf(x.mul(2)), "all doubled");
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void noticesEveryChangeOfTheWeights(Kernels kernels) {
    INDArray x = weights();
    try (PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, x, Quantizer.DEFAULT)) {
      assertTrue(packed.isPackOf(x));
      assertTrue(packed.isPackOf(x.dup()), "a copy");
      for (long i = 0; i < x.length(); i++) {
        float old = x.getFloat(i);
        x.putScalar(i, Math.nextUp(old));
        assertFalse(packed.isPackOf(x), "one unit in the last place, element " + i);
        x.putScalar(i, -old);
        assertFalse(packed.isPackOf(x), "sign of element " + i);
        x.putScalar(i, old);
      }
      assertTrue(packed.isPackOf(x));
      INDArray swapped = x.dup();
      swapped.putScalar(7, x.getFloat(8));
      swapped.putScalar(8, x.getFloat(7));
      assertFalse(packed.isPackOf(swapped), "two elements swapped");
      assertFalse(packed.isPackOf(x.mul(2)), "all doubled");
      assertFalse(packed.isPackOf(x.neg()), "all negated");
      assertFalse(packed.isPackOf(x.reshape(4, 3, 9)), "another rank");
      assertFalse(packed.isPackOf(x.castTo(DataType.DOUBLE)), "another data type");
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void minusZeroIsAChange(Kernels kernels) {
    INDArray x = Nd4j.zeros(DataType.FLOAT, SHAPE.weightsShape());
    try (PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, x, Quantizer.DEFAULT)) {
      x.putScalar(3, -0f);
      assertFalse(packed.isPackOf(x));
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void onlyWeightsAreAskedWhetherTheyChanged(Kernels kernels) {
    INDArray x = DataSet.RANDOM.array(SHAPE, TensorRole.SRC);
    try (PackedTensor packed = kernels.pack(SHAPE, TensorRole.SRC, x, Quantizer.DEFAULT)) {
      IllegalStateException e = assertThrows(IllegalStateException.class, () -> packed.isPackOf(x));
      assertEquals("isPackOf: expected packed weights, got packed SRC", e.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void isPackOfChecksItsArgument(Kernels kernels) {
    PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, weights(), Quantizer.DEFAULT);
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> packed.isPackOf(null));
    assertEquals("x: expected an open array, got null", none.getMessage());
    packed.close();
    IllegalStateException closed =
        assertThrows(IllegalStateException.class, () -> packed.isPackOf(weights()));
    assertEquals("isPackOf: expected an open packed tensor, got a closed one", closed.getMessage());
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void nonFiniteTensorsMakeEveryProductNan(Kernels kernels) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (TensorRole role : TensorRole.values()) {
        INDArray x = DataSet.RANDOM.array(SHAPE, role);
        x.putScalar(x.length() - 1, bad);
        try (PackedTensor packed = kernels.pack(SHAPE, role, x, Quantizer.DEFAULT)) {
          assertFalse(packed.finite());
          assertFalse(Float.isFinite(packed.amax()), "amax " + packed.amax());
          assertThrows(IllegalStateException.class, packed::exponent);
          if (role == TensorRole.WEIGHTS) {
            assertTrue(packed.isPackOf(x));
          }
          assertNan(kernels, packed);
        }
      }
    }
  }

  /** Each product that the tensor takes part in. */
  private static void assertNan(Kernels kernels, PackedTensor bad) {
    Map<TensorRole, PackedTensor> packs = new EnumMap<>(TensorRole.class);
    for (TensorRole role : TensorRole.values()) {
      packs.put(
          role,
          role == bad.role()
              ? bad
              : Products.pack(kernels, SHAPE, role, DataSet.RANDOM, Quantizer.DEFAULT));
    }
    PackedTensor src = packs.get(TensorRole.SRC);
    PackedTensor weights = packs.get(TensorRole.WEIGHTS);
    PackedTensor diffDst = packs.get(TensorRole.DIFF_DST);
    INDArray dst = Products.output(SHAPE.dstShape());
    INDArray diffSrc = Products.output(SHAPE.srcShape());
    INDArray diffWeights = Products.output(SHAPE.weightsShape());
    kernels.forward(SHAPE, src, weights, Products.bias(SHAPE), dst);
    kernels.backwardData(SHAPE, diffDst, weights, diffSrc);
    kernels.backwardWeights(SHAPE, src, diffDst, diffWeights);
    assertEquals(bad.role() != TensorRole.DIFF_DST, allNan(dst), bad.role() + " dst");
    assertEquals(bad.role() != TensorRole.SRC, allNan(diffSrc), bad.role() + " diffSrc");
    assertEquals(
        bad.role() != TensorRole.WEIGHTS, allNan(diffWeights), bad.role() + " diffWeights");
    packs.values().forEach(PackedTensor::close);
  }

  /** True where all elements are NaN, false where none is. */
  private static boolean allNan(INDArray x) {
    int count = 0;
    for (float value : FloatArrays.read(x)) {
      count += Float.isNaN(value) ? 1 : 0;
    }
    assertTrue(count == 0 || count == x.length(), count + " of " + x.length() + " are NaN");
    return count > 0;
  }

  @Test
  void nativeMemoryGoesBackToThePool() {
    NativeRows.assumeLibrary();
    for (String row : NativeRows.running()) {
      Kernels kernels = NativeKernels.forIsa(row);
      long before = MemoryPool.shared().statistics().inUse();
      PackedTensor packed = kernels.pack(SHAPE, TensorRole.WEIGHTS, weights(), Quantizer.DEFAULT);
      assertEquals(before + packed.bytes(), MemoryPool.shared().statistics().inUse());
      packed.close();
      packed.close();
      assertEquals(before, MemoryPool.shared().statistics().inUse());
      Products.of(kernels, SHAPE, DataSet.RANDOM, Quantizer.DEFAULT);
      assertEquals(before, MemoryPool.shared().statistics().inUse());
    }
  }

  @Test
  void aPackThatIsInUseOutlivesItsClose() {
    FreeCounter packed = new FreeCounter();
    packed.acquire("src");
    packed.acquire("src");
    packed.close();
    packed.release();
    assertEquals(0, packed.freed);
    packed.release();
    assertEquals(1, packed.freed);
    packed.close();
    assertEquals(1, packed.freed);
    assertThrows(IllegalStateException.class, () -> packed.acquire("src"));
  }

  private static final class FreeCounter extends Pack {
    private int freed;

    FreeCounter() {
      super("fake", SHAPE, TensorRole.SRC, Quantizer.DEFAULT, new Scan(1, true, 0));
    }

    @Override
    void free() {
      freed++;
    }

    @Override
    long size() {
      return 1;
    }

    @Override
    long fingerprintOf(INDArray x) {
      return 0;
    }
  }
}
