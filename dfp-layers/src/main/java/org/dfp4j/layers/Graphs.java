package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.NoParamLayer;
import org.dfp4j.layers.conf.LinkedLayerVertex;
import org.dfp4j.layers.conf.LinkedSumVertex;
import org.dfp4j.layers.conf.SwappedLayer;
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

  /**
   * Lets the vertices of converted layers, where there are any, work together with their
   * neighbours.
   *
   * @param sums whether vertices that add do so too
   */
  static void link(ComputationGraphConfiguration conf, boolean sums) {
    if (conf.getVertices().values().stream().anyMatch(Graphs::isSwapped)) {
      conf.getVertices().replaceAll((name, vertex) -> linked(conf, name, vertex, sums));
    }
  }

  private static boolean isSwapped(GraphVertex vertex) {
    return vertex instanceof LayerVertex layer
        && layer.getLayerConf().getLayer() instanceof SwappedLayer;
  }

  private static GraphVertex linked(
      ComputationGraphConfiguration conf, String name, GraphVertex vertex, boolean sums) {
    if (vertex.getClass() == LayerVertex.class) {
      LayerVertex layer = (LayerVertex) vertex;
      boolean linked = isSwapped(layer) || (hasNoParameters(layer) && readsInputs(conf, name));
      return linked ? new LinkedLayerVertex(layer) : vertex;
    }
    boolean sum =
        sums
            && vertex.getClass() == ElementWiseVertex.class
            && ((ElementWiseVertex) vertex).getOp() == ElementWiseVertex.Op.Add;
    return sum ? new LinkedSumVertex() : vertex;
  }

  /**
   * Whether a vertex reads an input of the graph, as it is or moved by layers without parameters.
   */
  private static boolean readsInputs(ComputationGraphConfiguration conf, String name) {
    String giver = conf.getVertexInputs().get(name).get(0);
    return conf.getNetworkInputs().contains(giver)
        || (conf.getVertices().get(giver) instanceof LayerVertex layer
            && hasNoParameters(layer)
            && readsInputs(conf, giver));
  }

  private static boolean hasNoParameters(LayerVertex vertex) {
    return vertex.getLayerConf().getLayer() instanceof NoParamLayer;
  }
}
