/**
 * What a training run is seen by: scores, times, and the numerics of its DFP-16 layers, collected
 * by a listener and written to a file or shown in the DL4J UI; and the comparison of two runs.
 *
 * <pre>{@code
 * try (DfpStatsListener stats = DfpStatsListener.to(StatsSink.jsonLines(file)).attach(net)) {
 *   net.fit(data);
 * }
 * }</pre>
 */
package org.dfp4j.layers.stats;
