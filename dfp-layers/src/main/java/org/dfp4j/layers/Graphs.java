package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.dfp4j.layers.conf.Dfp16Convolution;
import org.dfp4j.layers.conf.Dfp16Convolution2D;
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
    conf.getVertices().replaceAll((name, vertex) -> linked(vertex));
  }

  private static GraphVertex linked(GraphVertex vertex) {
    if (vertex.getClass() == LayerVertex.class) {
      LayerVertex layer = (LayerVertex) vertex;
      return isLinked(layer.getLayerConf().getLayer()) ? new LinkedLayerVertex(layer) : vertex;
    }
    boolean sum =
        vertex.getClass() == ElementWiseVertex.class
            && ((ElementWiseVertex) vertex).getOp() == ElementWiseVertex.Op.Add;
    return sum ? new LinkedSumVertex() : vertex;
  }

  private static boolean isLinked(Layer layer) {
    return layer instanceof Fp32BatchNormalization
        || layer instanceof Fp32Activation
        || layer instanceof Dfp16Convolution
        || layer instanceof Dfp16Convolution2D;
  }
}
