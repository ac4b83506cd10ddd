package org.dfp4j.layers.update;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.schedule.ExponentialSchedule;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.linalg.schedule.MapSchedule;
import org.nd4j.linalg.schedule.ScheduleType;

/** Stand-ins of updaters and regularization against DL4J's own, bit for bit. */
class UpdatesTest {

  private static final int COUNT = 20_003;

  private static final ISchedule RATES = new ExponentialSchedule(ScheduleType.ITERATION, 0.1, 0.7);

  static Stream<IUpdater> updaters() {
    return Stream.of(
        new Sgd(0.3),
        new Sgd(RATES),
        new Nesterovs(0.05, 0.8),
        new Nesterovs(RATES, new MapSchedule(ScheduleType.ITERATION, Map.of(0, 0.9, 2, 0.5))),
        new RmsProp(0.1, 0.96, 0.001),
        new RmsProp(RATES),
        new Adam(),
        new Adam(0.01, 0.8, 0.95, 1e-4),
        new Adam(RATES));
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void anUpdaterGivesTheBitsOfTheStockOne(IUpdater stock) {
    IUpdater standIn = Updates.of(stock);
    assertNotSame(stock.getClass(), standIn.getClass());
    INDArray state = state(stock);
    INDArray standInState = state(stock);
    GradientUpdater<?> expected = stock.instantiate(state, true);
    GradientUpdater<?> got = standIn.instantiate(standInState, true);
    for (int iteration = 0; iteration < 5; iteration++) {
      INDArray gradient = random(iteration);
      INDArray same = gradient.dup();
      expected.applyUpdater(gradient, iteration, 0);
      got.applyUpdater(same, iteration, 0);
      assertSameBits(gradient, same, stock + ", iteration " + iteration);
      if (state != null) {
        assertSameBits(state, standInState, "state of " + stock);
      }
    }
    assertEquals(expected.getState(), got.getState());
    // The other way to begin, from named states.
    GradientUpdater<?> resumed = standIn.instantiate(copyOf(got.getState()), false);
    INDArray gradient = random(99);
    INDArray same = gradient.dup();
    expected.applyUpdater(gradient, 5, 1);
    resumed.applyUpdater(same, 5, 1);
    assertSameBits(gradient, same, stock + ", resumed");
  }

  private static INDArray state(IUpdater updater) {
    long length = updater.stateSize(COUNT);
    return length == 0 ? null : Nd4j.create(length);
  }

  private static Map<String, INDArray> copyOf(Map<String, INDArray> state) {
    Map<String, INDArray> copy = new HashMap<>(state);
    copy.replaceAll((name, array) -> array.dup());
    return copy;
  }

  private static INDArray random(int seed) {
    return Nd4j.randn((long) Nets.SEED + seed, new long[] {COUNT}).muli(0.1);
  }

  @ParameterizedTest
  @MethodSource("updaters")
  void aStandInIsEqualToTheStockUpdater(IUpdater stock) {
    IUpdater standIn = Updates.of(stock);
    assertEquals(stock, standIn);
    assertEquals(standIn, stock);
    assertEquals(stock.hashCode(), standIn.hashCode());
    assertEquals(stock, standIn.clone());
    assertEquals(stock.stateSize(7), standIn.stateSize(7));
    assertSame(stock, standIn.instantiate(state(stock), true).getConfig());
    standIn.setLrAndSchedule(0.125, null);
    assertEquals(0.125, stock.getLearningRate(3, 0));
    assertEquals(stock, standIn);
  }

  @Test
  void aRateChangedInTheConfigurationTakesEffect() {
    Adam stock = new Adam(0.01);
    GradientUpdater<?> updater = Updates.of(stock).instantiate(state(stock), true);
    stock.setLrAndSchedule(0, null);
    INDArray gradient = Nd4j.ones(COUNT);
    updater.applyUpdater(gradient, 0, 0);
    // At rate 0 the correction is no number, and DL4J steps by epsilon instead.
    INDArray expected = Nd4j.ones(COUNT);
    stock.instantiate(state(stock), true).applyUpdater(expected, 0, 0);
    assertSameBits(expected, gradient, "at rate 0");
  }

  @Test
  @SuppressWarnings("deprecation")
  void otherUpdatersAreKept() {
    assertNull(Updates.of((IUpdater) null));
    for (IUpdater stock : List.of(new NoOp(), new AdaGrad(0.1), new Adam() {})) {
      assertSame(stock, Updates.of(stock));
    }
    Nesterovs scheduled = new Nesterovs(0.1, 0.9);
    scheduled.setMomentumSchedule(Map.of(1, 0.5));
    assertSame(scheduled, Updates.of(scheduled));
  }
}
