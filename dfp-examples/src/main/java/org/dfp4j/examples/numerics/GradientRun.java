package org.dfp4j.examples.numerics;

import java.util.List;

/**
 * One network at one time of its training.
 *
 * @param model name
 * @param settings of the training, for people
 * @param data what the images are
 * @param iteration how many FP32 iterations came before
 * @param score of the batch in FP64
 * @param results by arithmetic
 */
public record GradientRun(
    String model,
    String settings,
    String data,
    int iteration,
    double score,
    List<GradientResult> results) {

  public GradientRun {
    results = List.copyOf(results);
  }
}
