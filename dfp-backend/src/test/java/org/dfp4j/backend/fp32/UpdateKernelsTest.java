package org.dfp4j.backend.fp32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.dfp4j.backend.fp32.UpdateKernels.Penalty;
import org.dfp4j.backend.fp32.UpdateKernels.PenaltyTerm;
import org.dfp4j.backend.fp32.UpdateKernels.Sums;
import org.dfp4j.backend.kernels.NativeRows;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** Native updates against the Java ones, bit for bit, and the Java ones against the formulas. */
class UpdateKernelsTest {

  private static final long SEED = Long.getLong("dfp.test.seed", 20180201);

  /** One, around the lanes, around a block, and several blocks with a rest. */
  private static final int[] COUNTS = {1, 15, 16, 17, 1000, 16383, 16384, 16385, 100_003};

  private static final List<PenaltyTerm> TERMS =
      List.of(
          new PenaltyTerm(Penalty.L1, 1e-3f),
          new PenaltyTerm(Penalty.L2, 0.03f),
          new PenaltyTerm(Penalty.L1, 7f));

  /** An update of the first array; the others are states. */
  private record Operation(int states, Body body) {}

  @FunctionalInterface
  private interface Body {
    void run(UpdateKernels kernels, INDArray gradient, INDArray[] others);
  }

  private static Stream<Named<Operation>> operations() {
    return Stream.of(
        Named.of("penalties", new Operation(1, (k, g, o) -> k.addPenalties(o[0], TERMS, g))),
        Named.of("17 penalties", new Operation(1, (k, g, o) -> k.addPenalties(o[0], many(), g))),
        Named.of("sgd", new Operation(0, (k, g, o) -> k.sgd(g, 0.37f))),
        Named.of("nesterovs", new Operation(1, (k, g, o) -> k.nesterovs(g, o[0], 0.1f, 0.9f))),
        Named.of("rmsProp", new Operation(1, (k, g, o) -> k.rmsProp(g, o[0], 0.1f, 0.96f, 1e-3f))),
        Named.of(
            "adam",
            new Operation(2, (k, g, o) -> k.adam(g, o[0], o[1], 1e-3f, 0.9f, 0.999f, 1e-8f))));
  }

  private static List<PenaltyTerm> many() {
    List<PenaltyTerm> terms = new ArrayList<>();
    for (int i = 0; i < 17; i++) {
      terms.add(new PenaltyTerm(i % 3 == 0 ? Penalty.L1 : Penalty.L2, 0.01f * (i + 1)));
    }
    return terms;
  }

  static Stream<Arguments> nativeOperations() {
    List<Arguments> arguments = new ArrayList<>();
    for (NativeUpdateKernels kernels : natives()) {
      operations().forEach(operation -> arguments.add(Arguments.of(kernels, operation)));
    }
    // A row that says why it is skipped, where nothing native runs.
    return arguments.isEmpty()
        ? Stream.of(Arguments.of(null, operations().findFirst().orElseThrow()))
        : arguments.stream();
  }

  private static List<NativeUpdateKernels> natives() {
    List<NativeUpdateKernels> natives = new ArrayList<>();
    for (String row : NativeRows.running()) {
      for (int threads = 1; threads <= 3; threads++) {
        natives.add(NativeUpdateKernels.forIsa(row, threads));
      }
    }
    return natives;
  }

  @ParameterizedTest
  @MethodSource("nativeOperations")
  void nativeUpdatesGiveTheBitsOfJava(NativeUpdateKernels kernels, Operation operation) {
    assumeTrue(kernels != null, "no native kernels run here");
    for (int count : COUNTS) {
      for (boolean special : new boolean[] {false, true}) {
        float[][] expected = run(new JavaUpdateKernels(), operation, count, special);
        float[][] got = run(kernels, operation, count, special);
        for (int i = 0; i < expected.length; i++) {
          assertArrayEquals(
              bits(expected[i]), bits(got[i]), "array " + i + " of " + count + " elements");
        }
      }
    }
  }

  private static float[][] run(UpdateKernels kernels, Operation op, int count, boolean special) {
    Random random = new Random(SEED + count);
    INDArray gradient = array(random, count, special, false);
    INDArray[] others = new INDArray[op.states()];
    for (int i = 0; i < others.length; i++) {
      // Sums of squares are not negative.
      others[i] = array(random, count, special, i == op.states() - 1);
    }
    op.body().run(kernels, gradient, others);
    float[][] results = new float[1 + others.length][];
    results[0] = gradient.data().asFloat();
    for (int i = 0; i < others.length; i++) {
      results[1 + i] = others[i].data().asFloat();
    }
    return results;
  }

  /** Magnitudes from 2^-20 to 2^20; or else zeros, subnormals, infinities and NaN among them. */
  private static INDArray array(Random random, int count, boolean special, boolean positive) {
    float[] extremes = {
      0f, -0f, Float.MIN_VALUE, -1e-40f, Float.MAX_VALUE, Float.NaN, Float.NEGATIVE_INFINITY
    };
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      float value = Math.scalb((float) random.nextGaussian(), random.nextInt(41) - 20);
      boolean extreme = special && random.nextInt(4) == 0;
      value = extreme ? extremes[random.nextInt(extremes.length)] : value;
      values[i] = positive ? Math.abs(value) : value;
    }
    return Nd4j.createFromArray(values);
  }

  /** One pattern for all NaN. */
  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }

  @Test
  void nativeSumsGiveTheBitsOfJava() {
    List<NativeUpdateKernels> natives = natives();
    assumeFalse(natives.isEmpty(), "no native kernels run here");
    for (int count : COUNTS) {
      for (boolean special : new boolean[] {false, true}) {
        INDArray x = array(new Random(SEED + count), count, special, false);
        Sums expected = new JavaUpdateKernels().sums(x);
        for (NativeUpdateKernels kernels : natives) {
          assertEquals(expected, kernels.sums(x), kernels + ", " + count + " elements");
        }
      }
    }
  }

  @Test
  void sumsAreThoseOfTheExactValues() {
    for (int count : COUNTS) {
      INDArray x = array(new Random(SEED), count, false, false);
      BigDecimal absolute = BigDecimal.ZERO;
      BigDecimal squares = BigDecimal.ZERO;
      for (float value : x.data().asFloat()) {
        BigDecimal exact = new BigDecimal(value);
        absolute = absolute.add(exact.abs());
        squares = squares.add(exact.multiply(exact));
      }
      Sums sums = new JavaUpdateKernels().sums(x);
      // Each of n terms is rounded in at most n additions, by 2^-53 of a sum of positive terms.
      double tolerance = count * 0x1p-53;
      assertEquals(absolute.doubleValue(), sums.absolute(), tolerance * absolute.doubleValue());
      assertEquals(squares.doubleValue(), sums.squares(), tolerance * squares.doubleValue());
    }
  }

  @Test
  void anyOrderOfDimensionsIsSummedAsItLiesInMemory() {
    INDArray x = array(new Random(SEED), 6 * 500, false, false);
    JavaUpdateKernels kernels = new JavaUpdateKernels();
    Sums expected = kernels.sums(x);
    assertEquals(expected, kernels.sums(x.reshape('c', 6, 500)));
    assertEquals(expected, kernels.sums(x.reshape('f', 6, 500)));
    assertEquals(expected, kernels.sums(x.reshape('c', 6, 500).transpose()));
    INDArray half = x.get(NDArrayIndex.interval(1500, 3000));
    assertEquals(kernels.sums(half.dup()), kernels.sums(half), "a view's offset counts");
  }

  static Stream<UpdateKernels> implementations() {
    return Stream.concat(Stream.of(new JavaUpdateKernels()), natives().stream().limit(1));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void badArgumentsAreNamed(UpdateKernels kernels) {
    INDArray x = Nd4j.ones(DataType.FLOAT, 6);
    INDArray gaps = Nd4j.ones(DataType.FLOAT, 6, 2).getColumn(0);
    INDArray closed = Nd4j.ones(DataType.FLOAT, 6);
    closed.close();
    refused("x: expected an open array of FLOAT with elements, got null", () -> kernels.sums(null));
    refused("got a closed one", () -> kernels.sums(closed));
    refused("got DOUBLE[6]", () -> kernels.sums(x.castTo(DataType.DOUBLE)));
    refused("x: expected elements that follow one another in memory", () -> kernels.sums(gaps));
    INDArray five = Nd4j.ones(DataType.FLOAT, 5);
    refused("gradient: expected 6 elements, got 5", () -> kernels.addPenalties(x, List.of(), five));
    refused("v: expected 6 elements, got 5", () -> kernels.nesterovs(x, five, 1, 1));
    refused("s: expected 6 elements, got 5", () -> kernels.rmsProp(x, five, 1, 1, 1));
    refused("m: expected 6 elements, got 5", () -> kernels.adam(x, five, x, 1, 1, 1, 1));
    refused("s: expected 6 elements, got 5", () -> kernels.adam(x, x, five, 1, 1, 1, 1));
    refused("gradient: expected an open array", () -> kernels.sgd(null, 1));
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void arraysOfOneShapeHaveOneOrder(UpdateKernels kernels) {
    INDArray c = Nd4j.ones(DataType.FLOAT, 6).reshape('c', 2, 3);
    INDArray f = Nd4j.ones(DataType.FLOAT, 6).reshape('f', 2, 3);
    String strides = ": expected strides [3, 1], got [1, 2]";
    refused("gradient" + strides, () -> kernels.addPenalties(c, List.of(), f));
    refused("v" + strides, () -> kernels.nesterovs(c, f, 1, 1));
    refused("s" + strides, () -> kernels.rmsProp(c, f, 1, 1, 1));
    refused("m" + strides, () -> kernels.adam(c, f, c, 1, 1, 1, 1));
    refused("s" + strides, () -> kernels.adam(c, c.dup(), f, 1, 1, 1, 1));
    INDArray column = Nd4j.ones(DataType.FLOAT, 6).reshape('c', 6, 1);
    kernels.sgd(column, 2);
    kernels.nesterovs(column, Nd4j.zeros(DataType.FLOAT, 6).reshape('f', 6, 1), 1, 0);
    assertEquals(Nd4j.ones(DataType.FLOAT, 6, 1).mul(2), column);
  }

  private static void refused(String message, Executable call) {
    String got = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(got.contains(message), () -> "expected: " + message + "; got: " + got);
  }
}
