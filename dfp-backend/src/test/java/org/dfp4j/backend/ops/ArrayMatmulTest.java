package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.DfpTensor;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Matrix products against their definition, bit for bit. */
class ArrayMatmulTest {

  private static final long SEED = 13;
  private static final int M = 5;
  private static final int K = 19;
  private static final int N = 7;

  /** Each way to transpose, dense and scattered, nearest and at random. */
  static Stream<Arguments> products() {
    return Stream.of(false, true)
        .flatMap(
            a ->
                Stream.of(false, true)
                    .flatMap(
                        b ->
                            Stream.of(Rounding.NEAREST_EVEN, Rounding.STOCHASTIC)
                                .map(rounding -> Arguments.of(a, b, rounding))));
  }

  @ParameterizedTest
  @MethodSource("products")
  void productsHaveTheBitsOfTheirDefinition(
      boolean transposeA, boolean transposeB, Rounding rounding) {
    OpPrecision precision = OpPrecision.rounding(rounding).withSeed(SEED);
    ArrayMatmul matmul = new ArrayMatmul(transposeA, transposeB, precision);
    check(matmul, UnaryOperator.identity());
    check(matmul, ConvolutionCases::scattered);
  }

  private static void check(ArrayMatmul matmul, UnaryOperator<INDArray> layout) {
    Random random = new Random(SEED);
    INDArray left = ConvolutionCases.normal(random, M, K);
    INDArray right = ConvolutionCases.normal(random, K, N);
    INDArray diff = ConvolutionCases.normal(random, M, N);
    INDArray a = layout.apply(matmul.transposeA() ? left.transpose() : left);
    INDArray b = layout.apply(matmul.transposeB() ? right.transpose() : right);
    INDArray c = layout.apply(ConvolutionCases.zeros(M, N));
    INDArray diffA = layout.apply(ConvolutionCases.zeros(a.shape()));
    INDArray diffB = layout.apply(ConvolutionCases.zeros(b.shape()));
    matmul.forward(a, b, c);
    matmul.backward(a, b, layout.apply(diff), diffA, null);
    matmul.backward(a, b, layout.apply(diff), null, diffB);

    Exact exact = new Exact(matmul.precision());
    DfpTensor x = exact.quantize(TensorRole.SRC, left);
    DfpTensor w = exact.quantize(TensorRole.WEIGHTS, right);
    DfpTensor d = exact.quantize(TensorRole.DIFF_DST, diff);
    long[] sums = new long[M * N];
    long[] sumsA = new long[M * K];
    long[] sumsB = new long[K * N];
    for (int m = 0; m < M; m++) {
      for (int k = 0; k < K; k++) {
        for (int n = 0; n < N; n++) {
          sums[m * N + n] += (long) x.mantissa(m * K + k) * w.mantissa(k * N + n);
          sumsA[m * K + k] += (long) d.mantissa(m * N + n) * w.mantissa(k * N + n);
          sumsB[k * N + n] += (long) x.mantissa(m * K + k) * d.mantissa(m * N + n);
        }
      }
    }
    ConvolutionCases.assertSameBits(Exact.rounded(sums, x, w, new long[] {M, N}), c);
    ConvolutionCases.assertSameBits(
        Exact.rounded(sumsA, d, w, new long[] {M, K}),
        matmul.transposeA() ? diffA.transpose() : diffA);
    ConvolutionCases.assertSameBits(
        Exact.rounded(sumsB, x, d, new long[] {K, N}),
        matmul.transposeB() ? diffB.transpose() : diffB);
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,true"})
  void productsThatAreOffAreFp32(boolean transposeA, boolean transposeB) {
    Random random = new Random(SEED);
    // Small integers: exact in FP32 in any order of the sum.
    INDArray left = integers(random, M, K);
    INDArray right = integers(random, K, N);
    INDArray diff = integers(random, M, N);
    INDArray a = transposeA ? left.transpose().dup('c') : left;
    INDArray b = transposeB ? right.transpose().dup('c') : right;
    INDArray c = ConvolutionCases.zeros(M, N);
    INDArray diffA = ConvolutionCases.zeros(a.shape());
    INDArray diffB = ConvolutionCases.zeros(b.shape());
    // Beside this one, 15 bits would lose the ones.
    left.putScalar(0, 0, 1 << 20);
    a.assign(transposeA ? left.transpose() : left);
    ArrayMatmul matmul =
        new ArrayMatmul(
            transposeA, transposeB, OpPrecision.DEFAULT.withProducts(false, false, false));
    matmul.forward(a, b, c);
    INDArray view = ConvolutionCases.scattered(ConvolutionCases.zeros(M, N));
    matmul.forward(a, b, view);
    matmul.backward(a, b, diff, diffA, diffB);
    ConvolutionCases.assertSameBits(left.mmul(right), c);
    ConvolutionCases.assertSameBits(left.mmul(right), view);
    ConvolutionCases.assertSameBits(
        diff.mmul(right.transpose()), transposeA ? diffA.transpose() : diffA);
    ConvolutionCases.assertSameBits(
        left.transpose().mmul(diff), transposeB ? diffB.transpose() : diffB);
  }

  private static INDArray integers(Random random, int rows, int columns) {
    INDArray x = ConvolutionCases.zeros(rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      x.putScalar(i, random.nextInt(9) - 4);
    }
    return x;
  }

  @ParameterizedTest
  @CsvSource({"0,3,2", "3,0,2", "3,2,0"})
  void matricesMayBeEmpty(int m, int k, int n) {
    ArrayMatmul matmul = new ArrayMatmul(false, false, OpPrecision.DEFAULT);
    INDArray a = ConvolutionCases.zeros(m, k);
    INDArray b = ConvolutionCases.zeros(k, n);
    INDArray c = nonZero(m, n);
    assertArrayEquals(c.shape(), matmul.outputShape(a.shape(), b.shape()));
    matmul.forward(a, b, c);
    INDArray diffA = nonZero(m, k);
    INDArray diffB = nonZero(k, n);
    matmul.backward(a, b, c, diffA, diffB);
    for (INDArray x : new INDArray[] {c, diffA, diffB}) {
      assertEquals(0, x.isEmpty() ? 0 : x.amaxNumber().doubleValue());
    }
  }

  private static INDArray nonZero(int rows, int columns) {
    INDArray x = ConvolutionCases.zeros(rows, columns);
    return x.isEmpty() ? x : x.assign(1);
  }
}
