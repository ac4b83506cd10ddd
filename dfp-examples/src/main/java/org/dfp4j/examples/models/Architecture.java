package org.dfp4j.examples.models;

import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.nd4j.linalg.learning.config.IUpdater;

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

    @Override
    public Stream<Layer> layers() {
      return configuration.getConfs().stream().map(NeuralNetConfiguration::getLayer);
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

    @Override
    public Stream<Layer> layers() {
      return configuration.getVertices().values().stream()
          .filter(LayerVertex.class::isInstance)
          .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer());
    }
  }

  /** A network with fresh weights from the configuration's seed. */
  Network initialize();

  /** The layers' configurations, not copies of them. */
  Stream<Layer> layers();

  /**
   * Gives all layers this updater and takes their regularization from them.
   *
   * @param updater copied for each
   */
  default void trainWith(IUpdater updater) {
    layers()
        .filter(BaseLayer.class::isInstance)
        .map(BaseLayer.class::cast)
        .forEach(
            layer -> {
              layer.setIUpdater(updater.clone());
              layer.setBiasUpdater(null);
              layer.setRegularization(List.of());
              layer.setRegularizationBias(List.of());
            });
  }
}
