package org.dfp4j.examples.bench.step;

import java.util.List;
import java.util.Map;
import org.apache.commons.math3.stat.StatUtils;

/**
 * A run of {@link StepBench}, as JSON has it.
 *
 * @param cpu model name
 * @param cores that the processes may use
 * @param threads of each implementation
 * @param loadAtStart the machine's load average over a minute; negative where unknown
 * @param loadAtEnd the same at the end, so this benchmark's own included
 * @param versions of the libraries
 * @param settings of the steps, with the first batch size
 * @param rounds in each of which every implementation had a turn
 * @param reference whose times the others' are divided by
 * @param batches results by batch size
 */
public record StepReport(
    String cpu,
    int cores,
    int threads,
    double loadAtStart,
    double loadAtEnd,
    Map<String, String> versions,
    StepSettings settings,
    int rounds,
    Implementation reference,
    List<Batch> batches) {

  private static final double HALF = 50;

  /** Copies the lists. */
  public StepReport {
    versions = Map.copyOf(versions);
    batches = List.copyOf(batches);
  }

  /**
   * Results of one batch size.
   *
   * @param batch images
   * @param results by implementation
   */
  public record Batch(int batch, List<Result> results) {}

  /**
   * One implementation.
   *
   * @param implementation its name
   * @param description library, version, kernels
   * @param warmUpSteps that do not count
   * @param stepsPerTurn more than one where steps are short
   * @param seconds of a step, by round: the median of the turn
   * @param medianSeconds of a step
   * @param imagesPerSecond batch over that
   * @param ratios time over the reference's, by round
   * @param medianRatio of these
   * @param outcome score of the last step, or the sum of its outputs
   * @param peakBytes of physical memory of the process, the Java heap included
   * @param idleCores cores that the process kept busy while another one had its turn
   * @param profile of a step; empty where it was not asked for
   */
  public record Result(
      Implementation implementation,
      String description,
      int warmUpSteps,
      int stepsPerTurn,
      List<Double> seconds,
      double medianSeconds,
      double imagesPerSecond,
      List<Double> ratios,
      double medianRatio,
      double outcome,
      long peakBytes,
      double idleCores,
      List<ProfileRow> profile) {}

  /** The middle value, or the mean of the two middle ones. */
  static double median(List<Double> values) {
    return StatUtils.percentile(values.stream().mapToDouble(Double::doubleValue).toArray(), HALF);
  }
}
