package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sums count layers, means count shapes. */
class SummaryTest {

  private static final double TOLERANCE = 1e-12;
  private static final Measurement.Dfp DFP = new Measurement.Dfp(0.5, 1.5, 1, 4, 7, null, null);
  private static final EnumSet<Direction> ALL = EnumSet.allOf(Direction.class);

  /** All passes alike: 2 ms packing, 1 ms weights, 4 ms kernel, and so much for oneDNN. */
  private static LayerResult layer(
      int count,
      Collection<Direction> directions,
      Measurement.OneDnnTimes fp32,
      Measurement.OneDnnTimes bf16) {
    Map<Direction, Measurement> passes = new EnumMap<>(Direction.class);
    for (Direction direction : directions) {
      passes.put(direction, new Measurement(DFP, fp32, bf16));
    }
    return new LayerResult("layer" + count, count, Map.of(), 0.25, passes);
  }

  private static LayerResult layer(int count, double fp32, Measurement.OneDnnTimes bf16) {
    return layer(count, ALL, new Measurement.OneDnnTimes(fp32 / 2, fp32, null, "jit"), bf16);
  }

  @Test
  void sumsCountLayersAndMeansShapes() {
    Summary summary = Summary.of(List.of(layer(1, 7, null), layer(3, 28, null)));
    Summary.Part forward = summary.passes().get(Direction.FORWARD);
    assertEquals(1, forward.gmac(), TOLERANCE);
    assertEquals(4 * 7, forward.sums().dfp16().total(), TOLERANCE);
    assertEquals(4 * 0.5, forward.sums().dfp16().amax(), TOLERANCE);
    assertEquals(7 + 3 * 28, forward.sums().fp32().total(), TOLERANCE);
    assertEquals(91 / 28.0, forward.sumRatios().fp32(), TOLERANCE);
    assertEquals(91 / 2.0 / 16, forward.sumRatios().fp32Kernel(), TOLERANCE);
    // Ratios 1 and 4.
    assertEquals(2, forward.geometricMeans().fp32(), TOLERANCE);
    assertEquals(1, forward.geometricMeans().fp32KernelToTotal(), TOLERANCE);
    assertNull(forward.geometricMeans().bf16());
    assertEquals(3 * 4 * 7, summary.network().sums().dfp16().total(), TOLERANCE);
    assertEquals(3, summary.network().gmac(), TOLERANCE);
  }

  /** src in forward, diffDst in backward data, weights in forward: 2 + 2 + 1, and three kernels. */
  @Test
  void sharedPacksAreCountedOnce() {
    Summary summary = Summary.of(List.of(layer(2, 34, null)));
    assertEquals(2 * (2 + 2 + 1 + 3 * 4), summary.sharedPacksMillis(), TOLERANCE);
    assertEquals(3 * 34 / 17.0, summary.fp32OverSharedPacks(), TOLERANCE);
  }

  @Test
  void bf16IsThereWhereItWasMeasured() {
    Measurement.OneDnnTimes bf16 = new Measurement.OneDnnTimes(2, 14, null, "brgemm");
    Summary summary = Summary.of(List.of(layer(1, 7, bf16)));
    assertEquals(2, summary.network().geometricMeans().bf16(), TOLERANCE);
    assertEquals(0.5, summary.network().sumRatios().bf16Kernel(), TOLERANCE);
  }

  @Test
  void whatWasNotMeasuredIsLeftOut() {
    EnumSet<Direction> two = EnumSet.of(Direction.FORWARD, Direction.BACKWARD_DATA);
    Summary summary = Summary.of(List.of(layer(3, two, null, null)));
    assertEquals(two, summary.passes().keySet());
    assertEquals(3 * 2 * 7, summary.network().sums().dfp16().total(), TOLERANCE);
    assertNull(summary.network().sums().fp32());
    assertNull(summary.network().geometricMeans().fp32());
    assertNull(summary.sharedPacksMillis());
    assertNull(summary.fp32OverSharedPacks());
  }

  /** Without reorders oneDNN takes 5 ms, faster than 9 with them, slower than the kernel's 3. */
  @Test
  void oneDnnsFasterWayCounts() {
    Measurement.OneDnnTimes fp32 = new Measurement.OneDnnTimes(3, 9, 5.0, "brgemm");
    Measurement.Dfp kept = new Measurement.Dfp(0.5, 1.5, 1, 4, 7, 6.0, 2.0);
    Ratios ratios = Ratios.of(new Measurement(kept, fp32, null));
    assertEquals(5 / 7.0, ratios.fp32(), TOLERANCE);
    assertEquals(3 / 7.0, ratios.fp32KernelToTotal(), TOLERANCE);
    assertEquals(3 / 6.0, ratios.fp32ToKept(), TOLERANCE);
  }

  @Test
  void seriesCompareWithTheFirstThreadsAtTheSameBatch() {
    BenchRun one = BenchRun.of(new BenchRun.Key(4, 1), List.of(layer(2, 8, null)));
    BenchRun other = BenchRun.of(new BenchRun.Key(8, 1), List.of(layer(9, 8, null)));
    BenchRun two = BenchRun.of(new BenchRun.Key(4, 2), List.of(layer(1, 2, null)));
    List<SeriesRow> rows = SeriesRow.of(List.of(one, other, two));
    assertEquals(2 * 3 * 7 / 4.0, rows.get(0).dfp16(), TOLERANCE);
    assertEquals(2 * 7 / 4.0, rows.get(0).millisAnExample().get(Direction.FORWARD), TOLERANCE);
    assertEquals(1, rows.get(1).dfp16Speedup(), TOLERANCE);
    assertEquals(2, rows.get(2).dfp16Speedup(), TOLERANCE);
    assertEquals(8, rows.get(2).fp32Speedup(), TOLERANCE);
  }
}
