package org.dfp4j.examples.bench;

import java.util.List;
import java.util.Map;

/**
 * A run of {@link ConvBench}, as JSON has it. Times are medians in milliseconds.
 *
 * @param cpu model name
 * @param isa instruction set of DFP-16
 * @param oneDnnIsa the best that oneDNN may use
 * @param threads of each implementation
 * @param load the machine's load average over a minute, at start; negative where unknown
 * @param versions of the libraries
 * @param network whose shapes
 * @param settings of the run
 * @param layers by distinct shape
 * @param summary of the network
 */
public record ConvReport(
    String cpu,
    String isa,
    String oneDnnIsa,
    int threads,
    double load,
    Map<String, String> versions,
    String network,
    ConvBench.Settings settings,
    List<LayerResult> layers,
    Summary summary) {

  public ConvReport {
    layers = List.copyOf(layers);
  }
}
