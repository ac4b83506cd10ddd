package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;

/** Copies graph configurations. */
final class Graphs {

  private Graphs() {}

  /** A clone, with what DL4J's own {@code clone()} leaves out: counts and output marks. */
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
    return copy;
  }
}
