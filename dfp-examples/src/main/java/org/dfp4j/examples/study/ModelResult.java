package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * What a study says about one model.
 *
 * @param plan of one of the runs; they differ in seed, precision and arithmetic
 * @param fp32 the FP32 runs
 * @param dfp16 the DFP-16 runs
 * @param difference over the seeds or over the images, by {@link PairedDifference#widest}
 * @param seeds twin by twin
 * @param reached how long it takes to some accuracies
 * @param conclusion one sentence
 */
public record ModelResult(
    RunPlan plan,
    PrecisionResult fp32,
    PrecisionResult dfp16,
    PairedDifference difference,
    List<SeedResult> seeds,
    List<Reached> reached,
    String conclusion) {

  private static final double PERCENT = 100;
  private static final List<Double> SHARES = List.of(0.9, 0.95, 0.99);

  /**
   * Twins of one seed, after the last epoch.
   *
   * @param seed of both
   * @param fp32 accuracy, 0 to 1
   * @param dfp16 accuracy, 0 to 1
   * @param onlyFp32 images that FP32 alone classifies right
   * @param onlyDfp16 images that DFP-16 alone classifies right
   * @param difference over the images
   */
  public record SeedResult(
      long seed,
      double fp32,
      double dfp16,
      int onlyFp32,
      int onlyDfp16,
      PairedDifference difference) {

    static SeedResult of(Twins two) {
      return new SeedResult(
          two.seed(),
          Curves.lastAccuracy(two.fp32()),
          Curves.lastAccuracy(two.dfp16()),
          two.onlyFp32(),
          two.onlyDfp16(),
          two.overImages());
    }
  }

  /** The result of at least one pair of twins. */
  static ModelResult of(List<Twins> twins) {
    PairedDifference difference =
        PairedDifference.widest(twins.stream().map(Twins::overImages).toList());
    RunPlan plan = twins.get(0).fp32().plan();
    return new ModelResult(
        plan,
        PrecisionResult.of(twins.stream().map(Twins::fp32).toList()),
        PrecisionResult.of(twins.stream().map(Twins::dfp16).toList()),
        difference,
        twins.stream().map(SeedResult::of).toList(),
        SHARES.stream().map(share -> Reached.of(share, twins)).toList(),
        conclusion(plan.settings().model(), difference));
  }

  private static String conclusion(String model, PairedDifference d) {
    String verdict =
        d.maybeNone()
            ? "not distinguishable from FP32"
            : d.difference() > 0 ? "more accurate than FP32" : "less accurate than FP32";
    return String.format(
        Locale.ROOT,
        "%s: DFP-16 is %s: %+.2f points (95 %% confidence %+.2f to %+.2f, over %d %s).",
        model,
        verdict,
        PERCENT * d.difference(),
        PERCENT * d.low(),
        PERCENT * d.high(),
        d.pairs(),
        d.basis().words());
  }

  /** Name of the model. */
  @JsonIgnore
  public String model() {
    return plan.settings().model();
  }

  /** Both precisions. */
  @JsonIgnore
  Stream<PrecisionResult> precisions() {
    return Stream.of(fp32, dfp16);
  }
}
