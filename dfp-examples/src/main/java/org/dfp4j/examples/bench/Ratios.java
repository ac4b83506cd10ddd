package org.dfp4j.examples.bench;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/**
 * Times of oneDNN over times of DFP-16; above 1 where DFP-16 is faster. Null where one of the two
 * was not measured. Where oneDNN has a way without reorders, its faster one counts.
 *
 * @param fp32 FP32 with reorders over DFP-16's total
 * @param fp32KernelToTotal FP32 without reorders over DFP-16's total
 * @param fp32Kernel FP32 without reorders over DFP-16's kernel
 * @param fp32ToKept FP32 without reorders over DFP-16 with weights packed already
 * @param bf16 BF16 with reorders over DFP-16's total
 * @param bf16KernelToTotal BF16 without reorders over DFP-16's total
 * @param bf16Kernel BF16 without reorders over DFP-16's kernel
 */
public record Ratios(
    Double fp32,
    Double fp32KernelToTotal,
    Double fp32Kernel,
    Double fp32ToKept,
    Double bf16,
    Double bf16KernelToTotal,
    Double bf16Kernel) {

  static Ratios of(Measurement times) {
    Measurement.Dfp dfp = times.dfp16();
    Measurement.OneDnnTimes f = times.fp32();
    Measurement.OneDnnTimes b = times.bf16();
    return new Ratios(
        f == null ? null : f.fromFp32() / dfp.total(),
        f == null ? null : f.withoutReorders() / dfp.total(),
        f == null ? null : f.withoutReorders() / dfp.kernel(),
        f == null || dfp.kept() == null ? null : f.withoutReorders() / dfp.kept(),
        b == null ? null : b.fromFp32() / dfp.total(),
        b == null ? null : b.withoutReorders() / dfp.total(),
        b == null ? null : b.withoutReorders() / dfp.kernel());
  }

  /** Geometric means, each measurement counted once; null where one has no such ratio. */
  static Ratios geometricMeans(List<Measurement> measurements) {
    List<Ratios> all = measurements.stream().map(Ratios::of).toList();
    return new Ratios(
        geometricMean(all, Ratios::fp32),
        geometricMean(all, Ratios::fp32KernelToTotal),
        geometricMean(all, Ratios::fp32Kernel),
        geometricMean(all, Ratios::fp32ToKept),
        geometricMean(all, Ratios::bf16),
        geometricMean(all, Ratios::bf16KernelToTotal),
        geometricMean(all, Ratios::bf16Kernel));
  }

  private static Double geometricMean(List<Ratios> all, Function<Ratios, Double> ratio) {
    List<Double> values = all.stream().map(ratio).filter(Objects::nonNull).toList();
    if (values.isEmpty() || values.size() < all.size()) {
      return null;
    }
    return Math.exp(values.stream().mapToDouble(Math::log).average().orElseThrow());
  }
}
