package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sums at the limits of int32, for kernels that add chains of products in int32. Mantissas of one
 * magnitude v are the worst case of the bound that sets a chain's length: n products of one sign
 * are n·v², as large as Cauchy and Schwarz allow. So with v around {@code sqrt(2^31 / n)} a chain
 * of n fits, or just does not.
 */
class ChainsTest {

  private static final long SEED = 20260427;

  /** More than five of the longest chains, and no whole number of them. */
  private static final int PRODUCTS = 5 * 256 + 39;

  /** Rows and columns for several panels; the last ones hold a mantissa that sets the exponent. */
  private static final DenseShape SHAPE = new DenseShape(40, PRODUCTS, 70);

  /** In [2^14, 2^15): with it as the largest value, every integer is its own mantissa. */
  private static final int LARGEST = 20000;

  private final SplittableRandom random = new SplittableRandom(SEED);

  static Stream<Kernels> implementations() {
    return Implementations.all().stream();
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void chainsThatJustFitAndThatJustDoNot(Kernels kernels) {
    for (int products : new int[] {4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 512}) {
      int limit = (int) Math.sqrt((double) (1L << 31) / products);
      for (int magnitude : new int[] {limit - 40, limit - 1, limit, limit + 1, limit * 5 / 4}) {
        check(kernels, magnitude, Math.min(magnitude, Short.MAX_VALUE), false);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void oneOperandLargeAndOneSmall(Kernels kernels) {
    for (int magnitude : new int[] {16384, 23170, 32639, 32640, 32767}) {
      for (int other : new int[] {1, 127, 128, 4096, 32767}) {
        check(kernels, magnitude, other, false);
        check(kernels, magnitude, other, true);
      }
    }
  }

  /**
   * Outputs of operands with two magnitudes, of one sign in a row and column, or of random signs.
   */
  private void check(Kernels kernels, int srcMagnitude, int weightMagnitude, boolean mixedSigns) {
    int[][] src = new int[SHAPE.mb()][];
    for (int i = 0; i < src.length; i++) {
      src[i] = values(Math.min(srcMagnitude, Short.MAX_VALUE), i % 2 == 0, mixedSigns);
    }
    int[][] weights = new int[SHAPE.oc()][];
    for (int j = 0; j < weights.length; j++) {
      weights[j] = values(weightMagnitude, j % 3 == 0, mixedSigns);
    }
    src[src.length - 1][7] = LARGEST;
    weights[weights.length - 1][9] = LARGEST;
    INDArray dst = Products.output(SHAPE.dstShape());
    try (PackedTensor a = kernels.pack(SHAPE, TensorRole.SRC, array(src), Quantizer.DEFAULT);
        PackedTensor b =
            kernels.pack(
                SHAPE, TensorRole.WEIGHTS, array(weights).transpose(), Quantizer.DEFAULT)) {
      assertEquals(0, a.exponent());
      assertEquals(0, b.exponent());
      kernels.forward(SHAPE, a, b, null, dst);
    }
    for (int i = 0; i < src.length; i++) {
      for (int j = 0; j < weights.length; j++) {
        long sum = 0;
        for (int k = 0; k < PRODUCTS; k++) {
          sum += (long) src[i][k] * weights[j][k];
        }
        assertEquals(
            (float) sum,
            dst.getFloat(i, j),
            kernels + " |a| " + srcMagnitude + " |b| " + weightMagnitude + " at " + i + ", " + j);
      }
    }
  }

  private int[] values(int magnitude, boolean positive, boolean mixedSigns) {
    int[] values = new int[PRODUCTS];
    for (int k = 0; k < values.length; k++) {
      values[k] = (mixedSigns ? random.nextBoolean() : positive) ? magnitude : -magnitude;
    }
    return values;
  }

  private static INDArray array(int[][] rows) {
    return Nd4j.createFromArray(rows).castTo(DataType.FLOAT);
  }
}
