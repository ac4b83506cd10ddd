package org.dfp4j.examples.bench;

import java.util.List;
import java.util.function.Function;

/**
 * Times of oneDNN over times of DFP-16; above 1 where DFP-16 is faster.
 *
 * @param fp32 FP32 with reorders over DFP-16's total
 * @param fp32KernelToTotal FP32 without reorders over DFP-16's total
 * @param fp32Kernel FP32 without reorders over DFP-16's kernel
 * @param bf16 BF16 with reorders over DFP-16's total; null without BF16, here and below
 * @param bf16KernelToTotal BF16 without reorders over DFP-16's total
 * @param bf16Kernel BF16 without reorders over DFP-16's kernel
 */
public record Ratios(
    double fp32,
    double fp32KernelToTotal,
    double fp32Kernel,
    Double bf16,
    Double bf16KernelToTotal,
    Double bf16Kernel) {

  static Ratios of(Measurement times) {
    Measurement.Dfp dfp = times.dfp16();
    Measurement.OneDnnTimes f = times.fp32();
    Measurement.OneDnnTimes b = times.bf16();
    return new Ratios(
        f.total() / dfp.total(),
        f.kernel() / dfp.total(),
        f.kernel() / dfp.kernel(),
        b == null ? null : b.total() / dfp.total(),
        b == null ? null : b.kernel() / dfp.total(),
        b == null ? null : b.kernel() / dfp.kernel());
  }

  /** Geometric means, each measurement counted once. */
  static Ratios geometricMeans(List<Measurement> measurements) {
    List<Ratios> all = measurements.stream().map(Ratios::of).toList();
    boolean hasBf16 = all.stream().allMatch(ratios -> ratios.bf16() != null);
    return new Ratios(
        geometricMean(all, Ratios::fp32),
        geometricMean(all, Ratios::fp32KernelToTotal),
        geometricMean(all, Ratios::fp32Kernel),
        hasBf16 ? geometricMean(all, Ratios::bf16) : null,
        hasBf16 ? geometricMean(all, Ratios::bf16KernelToTotal) : null,
        hasBf16 ? geometricMean(all, Ratios::bf16Kernel) : null);
  }

  private static double geometricMean(List<Ratios> all, Function<Ratios, Double> ratio) {
    return Math.exp(all.stream().mapToDouble(r -> Math.log(ratio.apply(r))).average().orElse(0));
  }
}
