package org.dfp4j.backend.fp32;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The specification of batch norm against its formulas in exact arithmetic.
 *
 * <p>A sum of m products in FP64 is off by at most {@code m·2^-53} of the sum of their sizes. The
 * variance is a difference: with a mean of r deviations it is off by {@code (r² + 1)} times that.
 */
class JavaFp32KernelsTest {

  private static final MathContext EXACT = new MathContext(60);
  private static final double U = Math.scalb(1.0, -24);

  @ParameterizedTest
  @CsvSource({"RANDOM, 3, 2, 37", "RANDOM, 50, 3, 1", "OFFSET, 3, 2, 37", "TINY, 2, 2, 20"})
  void statisticsAreThoseOfTheFormula(Values values, int outer, int channels, int inner) {
    ChannelShape shape = new ChannelShape(outer, channels, inner);
    int m = outer * inner;
    float[] x = values.floats(m * channels, 1);
    ChannelStatistics actual = new JavaFp32Kernels().statistics(shape, Nd4j.createFromArray(x));
    for (int c = 0; c < channels; c++) {
      BigDecimal sum = BigDecimal.ZERO;
      BigDecimal squares = BigDecimal.ZERO;
      for (int i = 0; i < m; i++) {
        BigDecimal value = new BigDecimal(x[(i / inner * channels + c) * inner + i % inner]);
        sum = sum.add(value);
        squares = squares.add(value.multiply(value));
      }
      BigDecimal count = BigDecimal.valueOf(m);
      BigDecimal mean = sum.divide(count, EXACT);
      double variance = squares.divide(count, EXACT).subtract(mean.multiply(mean)).doubleValue();
      double square = squares.divide(count, EXACT).doubleValue();
      double fp64 = m * Math.scalb(1.0, -53);
      String what = "%s, channel %d, seed %d".formatted(values, c, Values.SEED);
      double meanBound = Math.max(U * Math.abs(mean.doubleValue()), Float.MIN_VALUE);
      assertEquals(
          mean.doubleValue(), actual.mean()[c], meanBound + fp64 * Math.sqrt(square), what);
      double bound = Math.max(U * variance, Float.MIN_VALUE) + 3 * fp64 * square;
      assertEquals(variance, actual.variance()[c], bound, what);
    }
  }

  @ParameterizedTest
  @CsvSource({"0.5, 1", "7, 0.25"})
  void normalizingHasTheStatisticsAskedFor(float beta, float gamma) {
    ChannelShape shape = new ChannelShape(5, 1, 401);
    INDArray x = Values.RANDOM.array(5 * 401, 2);
    INDArray y = Nd4j.zeros(DataType.FLOAT, 5 * 401);
    JavaFp32Kernels kernels = new JavaFp32Kernels();
    BatchNorm norm = new BatchNorm(shape, 0);
    kernels.batchNormTraining(norm, x, new float[] {gamma}, new float[] {beta}, y);
    ChannelStatistics after = kernels.statistics(shape, y);
    // Each element is off by a few roundings of numbers below 8.
    assertEquals(beta, after.mean()[0], 8 * 8 * U);
    assertEquals(gamma * gamma, after.variance()[0], 2 * gamma * 8 * 8 * U);
  }
}
