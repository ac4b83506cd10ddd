package org.dfp4j.layers.update;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.List;
import java.util.stream.Stream;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.L1Regularization;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.Regularization.ApplyStep;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/**
 * Joined regularization against DL4J's own: gradients bit for bit, scores as far as its sums go.
 */
class RegularizationTest {

  private static final int COUNT = 20_003;
  private static final double RATE = 0.3;

  private static final ISchedule FADING = new ExponentialSchedule(ScheduleType.EPOCH, 0.02, 0.5);

  static Stream<List<Regularization>> lists() {
    return Stream.of(
        List.of(),
        List.of(new L1Regularization(0.01)),
        List.of(new L2Regularization(0.02)),
        List.of(new L1Regularization(0.01), new L2Regularization(0.02)),
        List.of(new L2Regularization(FADING), new L1Regularization(FADING)),
        List.of(new WeightDecay(0.1, true)),
        List.of(new WeightDecay(FADING, false)),
        List.of(new L2Regularization(0.1), new WeightDecay(0.1, true), new L1Regularization(0.2)));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void theGradientHasTheBitsOfDl4j(List<Regularization> stock) {
    INDArray weights = random(1);
    // What L1 does at zero.
    weights.putScalar(0, 0).putScalar(1, -0.0);
    for (ApplyStep step : ApplyStep.values()) {
      INDArray expected = random(2);
      INDArray got = expected.dup();
      apply(stock, step, weights, expected);
      apply(Updates.of(stock), step, weights, got);
      assertSameBits(expected, got, stock + ", " + step);
    }
  }

  private static void apply(
      List<Regularization> list, ApplyStep step, INDArray weights, INDArray gradient) {
    for (Regularization each : list) {
      if (each.applyStep() == step) {
        each.apply(weights, gradient, RATE, 4, 2);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("lists")
  void theScoreIsThatOfDl4j(List<Regularization> stock) {
    INDArray weights = random(3);
    double expected = score(stock, weights);
    // DL4J adds n positive terms in FP32: n roundings of 2^-24 each, twice for the square of a
    // norm.
    double tolerance = 2 * COUNT * 0x1p-24 * expected;
    assertEquals(expected, score(Updates.of(stock), weights), tolerance);
    INDArray matrix = weights.reshape('f', 1, COUNT);
    assertEquals(score(Updates.of(stock), weights), score(Updates.of(stock), matrix));
  }

  private static double score(List<Regularization> list, INDArray weights) {
    return list.stream().mapToDouble(each -> each.score(weights, 4, 2)).sum();
  }

  private static INDArray random(int seed) {
    return Nd4j.randn((long) Nets.SEED + seed, new long[] {COUNT}).muli(0.1);
  }

  @Test
  void neighboursOfOneStepAreJoined() {
    Regularization l1 = new L1Regularization(0.1);
    Regularization l2 = new L2Regularization(0.1);
    Regularization decay = new WeightDecay(0.1, true);
    Regularization own = new L2Regularization(0.3) {};
    assertNull(Updates.of((List<Regularization>) null));
    assertEquals(1, Updates.of(List.of(l1, l2)).size());
    List<Regularization> steps = Updates.of(List.of(l1, l2, decay));
    assertEquals(2, steps.size());
    assertEquals(ApplyStep.BEFORE_UPDATER, steps.get(0).applyStep());
    assertEquals(ApplyStep.POST_UPDATER, steps.get(1).applyStep());
    List<Regularization> kept = Updates.of(List.of(l1, own, l2));
    assertEquals(3, kept.size());
    assertSame(own, kept.get(1), "a class that is not known here stays in its place");
    assertEquals(score(steps, random(4)), score(List.of(clones(steps)), random(4)));
  }

  private static Regularization[] clones(List<Regularization> list) {
    return list.stream().map(Regularization::clone).toArray(Regularization[]::new);
  }
}
