package org.dfp4j.layers;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.dfp4j.layers.Sites.Held;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.dfp4j.layers.conf.Fp32Layer;

/** What runs in which precision in a network as it is, whoever converted it. */
public final class RunningPrecision {

  private RunningPrecision() {}

  /** The report on a {@link MultiLayerNetwork} or a {@link ComputationGraph}. */
  public static ConversionReport of(Model network) {
    if (network instanceof MultiLayerNetwork layers) {
      return of(Sites.of(layers.getLayerWiseConfigurations()));
    }
    if (network instanceof ComputationGraph graph) {
      return of(Sites.of(graph.getConfiguration()));
    }
    throw new IllegalArgumentException(
        "network: expected MultiLayerNetwork or ComputationGraph, got " + network);
  }

  private static ConversionReport of(List<Held> layers) {
    List<LayerDecision> decisions = new ArrayList<>();
    for (Held held : layers) {
      Layer outermost = held.holder().getLayer();
      decisions.add(
          new LayerDecision(
              held.site().name(),
              Wrappers.typeOf(outermost),
              decision(held.site().layer()),
              reason(held.site().layer()),
              outermost.initializer().numParams(outermost)));
    }
    return new ConversionReport("as it runs", decisions);
  }

  private static Decision decision(Layer layer) {
    if (layer instanceof Dfp16Layer) {
      return Decision.SWAPPED;
    }
    return layer instanceof Fp32Layer ? Decision.ACCELERATED : Decision.KEPT;
  }

  private static String reason(Layer layer) {
    if (layer instanceof Dfp16Layer dfp16) {
      return MixedPrecision.products(dfp16.getPrecision());
    }
    if (layer instanceof Fp32Layer) {
      return MixedPrecision.OWN_KERNELS;
    }
    return Dfp16Layers.supports(layer) ? "DL4J's FP32 layer" : Reasons.of(layer);
  }
}
