package org.dfp4j.examples.numerics;

import java.util.List;
import java.util.Map;

/**
 * What {@link Fidelity} found, as JSON has it.
 *
 * @param versions of the libraries
 * @param kernels of DFP-16
 * @param network whose shapes
 * @param batch images
 * @param draws of tensors, of which medians are taken
 * @param seed of the draws
 * @param formats FP32, DFP-16 and others, for all values
 * @param policies of DFP-16, for the largest outlier
 */
public record FidelityReport(
    Map<String, String> versions,
    String kernels,
    String network,
    int batch,
    int draws,
    long seed,
    List<FidelityRow> formats,
    List<FidelityRow> policies) {

  public FidelityReport {
    formats = List.copyOf(formats);
    policies = List.copyOf(policies);
  }
}
