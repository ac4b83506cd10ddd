package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.ConversionReport;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.dfp4j.layers.impl.QuantizationSample;
import org.dfp4j.layers.impl.TensorNumerics;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.LayerNumerics;
import org.dfp4j.layers.stats.RunInfo;
import org.dfp4j.layers.stats.StatsRecord;
import org.dfp4j.layers.stats.TrainingPoint;

/** Records of a run that nobody has trained. */
final class Records {

  private Records() {}

  static RunInfo info(int layers) {
    List<LayerDecision> decisions = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      decisions.add(
          new LayerDecision(name(i), "ConvolutionLayer", Decision.SWAPPED, "forward", 10));
    }
    return new RunInfo(
        "ComputationGraph",
        RunInfo.DFP16,
        layers,
        10L * layers,
        10,
        new ConversionReport("DFP16", decisions));
  }

  static String name(int layer) {
    return "block_<b>" + layer + "</b>&\"'";
  }

  /**
   * Exponent -(i mod 100) and SQNR 40 + i for the tensors of layer i; the rest is in other orders.
   */
  static StatsRecord record(int iteration, int layers) {
    List<LayerNumerics> all = new ArrayList<>();
    for (int i = 0; i < layers; i++) {
      List<TensorNumerics> tensors = new ArrayList<>();
      for (TensorRole role : TensorRole.values()) {
        tensors.add(
            new TensorNumerics(
                role,
                -(i % 100),
                1 + (i + 1) % 3,
                true,
                iteration,
                iteration + 1,
                0,
                new QuantizationSample(
                    2048, 0.7 - i % 3 * 0.1, 0.01 * ((i + 2) % 3), 0.01 * ((i + 1) % 3), 40 + i)));
      }
      all.add(
          new LayerNumerics(
              name(i),
              i,
              i % 2 == 0 ? "native" : "java",
              tensors,
              Map.of(Pass.FORWARD, 0.5 + i),
              null,
              null));
    }
    return new StatsRecord(
        List.of(new TrainingPoint(iteration, 3.0 / (iteration + 1), 0.5, 16)),
        new IterationNumerics(iteration, all),
        null);
  }

  /** Writes a whole run. */
  static void write(StorageSink sink, int iterations, int layers) {
    sink.start(info(layers));
    for (int i = 0; i < iterations; i++) {
      sink.write(record(i, layers));
    }
  }
}
