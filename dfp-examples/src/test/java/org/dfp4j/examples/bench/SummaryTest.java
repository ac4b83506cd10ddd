package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Sums count layers, means count shapes. */
class SummaryTest {

  private static final double TOLERANCE = 1e-12;

  /** All passes alike: 2 ms packing, 1 ms weights, 4 ms kernel, and so much for oneDNN. */
  private static LayerResult layer(int count, double fp32, Measurement.OneDnnTimes bf16) {
    Map<Direction, Measurement> passes = new EnumMap<>(Direction.class);
    for (Direction direction : Direction.values()) {
      passes.put(
          direction,
          new Measurement(
              new Measurement.Dfp(0.5, 1.5, 1, 4, 7),
              new Measurement.OneDnnTimes(fp32 / 2, fp32, "jit"),
              bf16));
    }
    return new LayerResult("layer" + count, count, Map.of(), 0.25, passes);
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
    Measurement.OneDnnTimes bf16 = new Measurement.OneDnnTimes(2, 14, "brgemm");
    Summary summary = Summary.of(List.of(layer(1, 7, bf16)));
    assertEquals(2, summary.network().geometricMeans().bf16(), TOLERANCE);
    assertEquals(0.5, summary.network().sumRatios().bf16Kernel(), TOLERANCE);
  }
}
