package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.dfp4j.layers.conf.Dfp16Convolution;
import org.dfp4j.layers.conf.Dfp16Convolution2D;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.conf.Fp32Activation;
import org.dfp4j.layers.conf.Fp32BatchNormalization;
import org.dfp4j.layers.conf.LinkedLayerVertex;
import org.dfp4j.layers.conf.LinkedSumVertex;
import org.dfp4j.layers.conf.SwappedVertex;

/** Copies graph configurations and replaces their vertices. */
final class Graphs {

  private Graphs() {}

  /**
   * A clone of stock vertices, with what DL4J's own {@code clone()} leaves out: counts and output
   * marks.
   */
  static ComputationGraphConfiguration copy(ComputationGraphConfiguration conf) {
    ComputationGraphConfiguration copy = conf.clone();
    copy.setIterationCount(conf.getIterationCount());
    copy.setEpochCount(conf.getEpochCount());
    conf.getVertices()
        .forEach(
            (name, vertex) -> {
              if (vertex instanceof LayerVertex layer) {
                ((LayerVertex) copy.getVertices().get(name))
                    .setOutputVertex(layer.isOutputVertex());
              }
            });
    copy.getVertices()
        .replaceAll((name, vertex) -> vertex instanceof SwappedVertex v ? v.toStock() : vertex);
    return copy;
  }

  /** Lets the vertices of converted layers, and sums, work together with their neighbours. */
  static void link(ComputationGraphConfiguration conf) {
    conf.getVertices().replaceAll((name, vertex) -> linked(conf, name, vertex));
  }

  private static GraphVertex linked(
      ComputationGraphConfiguration conf, String name, GraphVertex vertex) {
    if (vertex.getClass() == LayerVertex.class) {
      LayerVertex stock = (LayerVertex) vertex;
      Layer layer = stock.getLayerConf().getLayer();
      boolean linked = isLinked(layer) || (canLeaveOutGradient(layer) && readsInputs(conf, name));
      return linked ? new LinkedLayerVertex(stock) : vertex;
    }
    boolean sum =
        vertex.getClass() == ElementWiseVertex.class
            && ((ElementWiseVertex) vertex).getOp() == ElementWiseVertex.Op.Add;
    return sum ? new LinkedSumVertex() : vertex;
  }

  private static boolean canLeaveOutGradient(Layer layer) {
    return layer instanceof NoParamLayer || layer instanceof Dfp16Layer;
  }

  /**
   * Whether a vertex reads an input of the graph, as it is or moved by layers without parameters.
   */
  private static boolean readsInputs(ComputationGraphConfiguration conf, String name) {
    String giver = conf.getVertexInputs().get(name).get(0);
    return conf.getNetworkInputs().contains(giver)
        || (conf.getVertices().get(giver) instanceof LayerVertex vertex
            && vertex.getLayerConf().getLayer() instanceof NoParamLayer
            && readsInputs(conf, giver));
  }

  private static boolean isLinked(Layer layer) {
    return layer instanceof Fp32BatchNormalization
        || layer instanceof Fp32Activation
        || layer instanceof Dfp16Convolution
        || layer instanceof Dfp16Convolution2D;
  }
}
