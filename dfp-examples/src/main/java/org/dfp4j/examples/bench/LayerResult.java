package org.dfp4j.examples.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.EnumMap;
import java.util.Map;

/**
 * One shape's times.
 *
 * @param name of the first layer that has it
 * @param count number of layers that have it
 * @param shape dimensions by letters
 * @param gmac products of one pass, in 10^9
 * @param passes medians by pass
 */
public record LayerResult(
    String name,
    int count,
    Map<String, Integer> shape,
    double gmac,
    Map<Direction, Measurement> passes) {

  /** Products a second by pass, in 10^9. */
  @JsonProperty
  public Map<Direction, Rates> gmacPerSecond() {
    Map<Direction, Rates> rates = new EnumMap<>(Direction.class);
    passes.forEach((direction, times) -> rates.put(direction, Rates.of(gmac, times)));
    return rates;
  }

  /** Ratios of times by pass. */
  @JsonProperty
  public Map<Direction, Ratios> ratios() {
    Map<Direction, Ratios> ratios = new EnumMap<>(Direction.class);
    passes.forEach((direction, times) -> ratios.put(direction, Ratios.of(times)));
    return ratios;
  }

  /**
   * Products a second, in 10^9; null where not measured.
   *
   * @param dfp16Kernel DFP-16, the kernel alone
   * @param dfp16 DFP-16, total
   * @param fp32Kernel oneDNN FP32 without reorders
   * @param fp32 oneDNN FP32 with reorders, where it needs them
   * @param bf16Kernel oneDNN BF16 without reorders
   * @param bf16 oneDNN BF16 with reorders
   */
  public record Rates(
      double dfp16Kernel,
      double dfp16,
      Double fp32Kernel,
      Double fp32,
      Double bf16Kernel,
      Double bf16) {

    static Rates of(double gmac, Measurement times) {
      double scale = 1000 * gmac;
      Measurement.OneDnnTimes f = times.fp32();
      Measurement.OneDnnTimes b = times.bf16();
      return new Rates(
          scale / times.dfp16().kernel(),
          scale / times.dfp16().total(),
          f == null ? null : scale / f.withoutReorders(),
          f == null ? null : scale / f.fromFp32(),
          b == null ? null : scale / b.withoutReorders(),
          b == null ? null : scale / b.fromFp32());
    }
  }
}
