package org.dfp4j.backend.fp32;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.dfp4j.backend.kernels.NativeRows;
import org.dfp4j.backend.pointwise.Rectifier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What the FP32 kernels refuse, in which words, and what layouts they take. */
class Fp32ArgumentsTest {

  private final ChannelShape shape = new ChannelShape(2, 3, 4);
  private final BatchNorm norm = new BatchNorm(shape, 1e-5);
  private final INDArray x = Values.RANDOM.array(24, 1).reshape('c', 2, 3, 4);
  private final INDArray y = Nd4j.zeros(DataType.FLOAT, 2, 3, 4);
  private final float[] three = {1, 2, 3};
  private final float[] two = {1, 2};

  static List<Fp32Kernels> kernels() {
    List<Fp32Kernels> all = new ArrayList<>();
    all.add(new JavaFp32Kernels());
    NativeRows.running().forEach(row -> all.add(NativeFp32Kernels.forIsa(row, 2)));
    return all;
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void shapesAndFunctionsCheckThemselves() {
    assertRefused("outer: expected >= 1, got 0", () -> new ChannelShape(0, 3, 4));
    assertRefused("channels: expected >= 1, got -1", () -> new ChannelShape(2, -1, 4));
    assertRefused("inner: expected >= 1, got 0", () -> new ChannelShape(2, 3, 0));
    assertRefused(
        "channelAxis: expected an axis of [2, 3], got 2",
        () -> ChannelShape.of(new long[] {2, 3}, 2));
    assertEquals(new ChannelShape(2, 3, 20), ChannelShape.of(new long[] {2, 3, 4, 5}, 1));
    assertEquals(new ChannelShape(24, 5, 1), ChannelShape.of(new long[] {2, 3, 4, 5}, 3));
    assertRefused("eps: expected >= 0, got -1.0", () -> new BatchNorm(shape, -1));
    assertRefused("eps: expected >= 0, got NaN", () -> new BatchNorm(shape, Double.NaN));
    assertRefused(
        "parameter: expected a finite value above 0, got 0.0", () -> Rectifier.clipped(0));
    assertRefused("parameter: expected a finite value, got NaN", () -> Rectifier.leaky(Double.NaN));
    assertRefused("variance: expected 3 values, got 2", () -> new ChannelStatistics(three, two));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void wrongArgumentsAreNamed(Fp32Kernels kernels) {
    ChannelStatistics statistics = kernels.statistics(shape, x);
    INDArray small = Nd4j.zeros(DataType.FLOAT, 2, 3);
    assertRefused(
        "x: expected 24 elements (ChannelShape[outer=2, channels=3, inner=4]), got shape [2, 3]",
        () -> kernels.statistics(shape, small));
    assertRefused("x: expected an array, got null", () -> kernels.statistics(shape, null));
    assertRefused(
        "x: expected [mb, channels, ...], got shape [24]",
        () -> kernels.channelSums(x.reshape(24)));
    assertRefused(
        "x: expected elements of data type FLOAT, got DOUBLE",
        () -> kernels.statistics(shape, x.castTo(DataType.DOUBLE)));
    INDArray closed = x.dup();
    closed.close();
    assertRefused(
        "x: expected an open array, got a closed one", () -> kernels.statistics(shape, closed));
    assertRefused(
        "gamma: expected 3 values, got 2", () -> kernels.batchNormTraining(norm, x, two, three, y));
    assertRefused(
        "beta: expected 3 values, got null",
        () -> kernels.batchNormTraining(norm, x, three, null, y));
    assertRefused(
        "y: expected shape [2, 3, 4], got [2, 3]",
        () -> kernels.batchNormTraining(norm, x, three, three, small));
    assertRefused(
        "statistics: expected 3 values, got 2",
        () ->
            kernels.batchNormInference(norm, x, new ChannelStatistics(two, two), three, three, y));
    INDArray repeated = Nd4j.zeros(DataType.FLOAT, 2, 3, 1).broadcast(2, 3, 4);
    if (repeated.stride(2) == 0) {
      assertThrows(
          IllegalArgumentException.class,
          () -> kernels.batchNormInference(norm, x, statistics, three, three, repeated));
    }
    assertRefused(
        "diffDst: expected shape [2, 3, 4], got [2, 3]",
        () -> kernels.batchNormBackward(norm, x, small, statistics, three, three, y));
    assertRefused(
        "batchMean: expected 3 values, got 2",
        () -> kernels.batchNormBackward(norm, x, x, statistics, two, three, y));
    assertRefused("f: expected an activation, got null", () -> kernels.activation(null, x, y));
    assertRefused(
        "diffSrc: expected shape [2, 3, 4], got [2, 3]",
        () -> kernels.activationBackward(Rectifier.RELU, x, x, small));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyLayoutGivesTheSameBits(Fp32Kernels kernels) {
    kernels.batchNormTraining(norm, x, three, three, y);
    float[] expected = y.dup('c').data().asFloat();
    INDArray permuted = Nd4j.zeros(DataType.FLOAT, 4, 2, 3).permute(1, 2, 0);
    for (INDArray src : new INDArray[] {x, x.dup('f'), permuted.dup().assign(x)}) {
      for (INDArray dst : new INDArray[] {y, y.dup('f'), permuted}) {
        dst.assign(Float.NaN);
        kernels.batchNormTraining(norm, src, three, three, dst);
        assertArrayEquals(expected, dst.dup('c').data().asFloat());
      }
    }
    kernels.activation(Rectifier.RELU, x, y);
    float[] relu = y.dup('c').data().asFloat();
    for (INDArray src : new INDArray[] {x, x.dup('f')}) {
      for (INDArray dst : new INDArray[] {y, y.dup('f'), permuted}) {
        dst.assign(Float.NaN);
        kernels.activation(Rectifier.RELU, src, dst);
        assertArrayEquals(relu, dst.dup('c').data().asFloat());
      }
    }
  }
}
