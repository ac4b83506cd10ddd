package org.dfp4j.examples.models;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;

/** A network's configuration, of either of the two kinds that DL4J has. */
public sealed interface Architecture {

  /** A stack of layers. */
  record Layers(MultiLayerConfiguration configuration) implements Architecture {
    @Override
    public Network initialize() {
      MultiLayerNetwork network = new MultiLayerNetwork(configuration);
      network.init();
      return new Network(network);
    }
  }

  /** A graph of layers and vertices. */
  record Graph(ComputationGraphConfiguration configuration) implements Architecture {
    @Override
    public Network initialize() {
      ComputationGraph network = new ComputationGraph(configuration);
      network.init();
      return new Network(network);
    }
  }

  /** A network with fresh weights from the configuration's seed. */
  Network initialize();
}
