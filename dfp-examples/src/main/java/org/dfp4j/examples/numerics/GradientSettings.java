package org.dfp4j.examples.numerics;

import java.util.List;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Conversion;

/**
 * What {@code dfp gradients} measures.
 *
 * @param runs by model
 * @param iterations of FP32 training after which gradients are compared, in rising order
 * @param policy of DFP-16
 * @param byProduct whether to compare networks too that compute one product in DFP-16
 * @param smooth whether to compare networks without the jumps of {@link Smoothing}
 */
public record GradientSettings(
    List<RunSettings> runs,
    List<Integer> iterations,
    Conversion policy,
    boolean byProduct,
    boolean smooth) {

  /** Checks; a {@link UsageException} names the option that is wrong. */
  public GradientSettings {
    runs = List.copyOf(runs);
    iterations = List.copyOf(iterations);
    int last = -1;
    for (int iteration : iterations) {
      if (iteration <= last) {
        throw new UsageException("--iterations", "rising numbers >= 0", iterations);
      }
      last = iteration;
    }
  }
}
