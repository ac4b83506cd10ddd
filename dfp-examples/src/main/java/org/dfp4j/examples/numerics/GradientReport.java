package org.dfp4j.examples.numerics;

import java.util.List;
import java.util.Map;

/**
 * What {@link Gradients} found, as JSON has it.
 *
 * @param versions of the libraries
 * @param kernels of DFP-16
 * @param smooth whether the networks have no rectifiers and no maximum pooling
 * @param runs by model and iteration
 */
public record GradientReport(
    Map<String, String> versions, String kernels, boolean smooth, List<GradientRun> runs) {

  public GradientReport {
    runs = List.copyOf(runs);
  }
}
