package org.dfp4j.backend.kernels;

import java.util.stream.IntStream;
import org.dfp4j.backend.tensor.ExactFloat;

/**
 * The three products of a fully connected layer over int16 mantissas in C order, summed in int64.
 * Rows of the output are computed in parallel.
 */
final class JavaDense {

  private final int mb;
  private final int ic;
  private final int oc;
  private final int exponent;

  /** The exponent is the sum of the operands' exponents. */
  JavaDense(DenseShape shape, int exponent) {
    this.mb = shape.mb();
    this.ic = shape.ic();
    this.oc = shape.oc();
    this.exponent = exponent;
  }

  /** {@code dst[n, o] = Σ_c src[n, c] · weights[c, o] (+ bias[o])}, in C order. */
  void forward(short[] src, short[] weights, float[] bias, float[] dst) {
    IntStream.range(0, mb)
        .parallel()
        .forEach(
            n -> {
              long[] sums = new long[oc];
              for (int c = 0; c < ic; c++) {
                addProducts(sums, src[n * ic + c], weights, c * oc);
              }
              for (int o = 0; o < oc; o++) {
                float rounded = ExactFloat.scaled(sums[o], exponent);
                dst[n * oc + o] = bias == null ? rounded : rounded + bias[o];
              }
            });
  }

  /** {@code diffSrc[n, c] = Σ_o diffDst[n, o] · weights[c, o]}, in C order. */
  void backwardData(short[] diffDst, short[] weights, float[] diffSrc) {
    IntStream.range(0, ic)
        .parallel()
        .forEach(
            c -> {
              for (int n = 0; n < mb; n++) {
                long sum = 0;
                for (int o = 0; o < oc; o++) {
                  sum += diffDst[n * oc + o] * weights[c * oc + o];
                }
                diffSrc[n * ic + c] = ExactFloat.scaled(sum, exponent);
              }
            });
  }

  /** {@code diffWeights[c, o] = Σ_n src[n, c] · diffDst[n, o]}, in F order. */
  void backwardWeights(short[] src, short[] diffDst, float[] diffWeights) {
    IntStream.range(0, oc)
        .parallel()
        .forEach(
            o -> {
              long[] sums = new long[ic];
              for (int n = 0; n < mb; n++) {
                addProducts(sums, diffDst[n * oc + o], src, n * ic);
              }
              for (int c = 0; c < ic; c++) {
                diffWeights[o * ic + c] = ExactFloat.scaled(sums[c], exponent);
              }
            });
  }

  /** {@code sums[k] += factor · row[from + k]}. */
  private static void addProducts(long[] sums, long factor, short[] row, int from) {
    for (int k = 0; k < sums.length; k++) {
      sums[k] += factor * row[from + k];
    }
  }
}
