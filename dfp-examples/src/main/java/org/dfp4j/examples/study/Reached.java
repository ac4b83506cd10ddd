package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Function;

/**
 * How long it takes to a share of the best accuracy that FP32 reaches with the same seed.
 *
 * @param share of that accuracy, 0 to 1
 * @param fp32 iterations, mean over the seeds that get there, at the end of an epoch; null where
 *     none does
 * @param dfp16 as {@code fp32}
 * @param fp32Seeds seeds that get there in FP32
 * @param dfp16Seeds seeds that get there in DFP-16
 */
public record Reached(
    double share,
    @JsonInclude Double fp32,
    @JsonInclude Double dfp16,
    int fp32Seeds,
    int dfp16Seeds) {

  static Reached of(double share, List<Twins> twins) {
    List<Integer> fp32 = iterations(share, twins, Twins::fp32);
    List<Integer> dfp16 = iterations(share, twins, Twins::dfp16);
    return new Reached(share, mean(fp32), mean(dfp16), fp32.size(), dfp16.size());
  }

  private static List<Integer> iterations(
      double share, List<Twins> twins, Function<Twins, RunRecord> which) {
    return twins.stream()
        .map(two -> Curves.iterationsTo(share * Curves.bestAccuracy(two.fp32()), which.apply(two)))
        .filter(OptionalInt::isPresent)
        .map(OptionalInt::getAsInt)
        .toList();
  }

  private static Double mean(List<Integer> iterations) {
    OptionalDouble mean = iterations.stream().mapToInt(Integer::intValue).average();
    return mean.isPresent() ? mean.getAsDouble() : null;
  }
}
