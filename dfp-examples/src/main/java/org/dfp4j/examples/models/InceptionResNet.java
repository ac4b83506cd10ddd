package org.dfp4j.examples.models;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.deeplearning4j.zoo.model.InceptionResNetV1;
import org.dfp4j.examples.models.Architecture.Graph;

/**
 * The zoo's InceptionResNetV1.
 *
 * <p>Its head is added in {@code init()} only, so the configuration comes from a network; its
 * builder has no initial weights, so they are set in the configuration.
 */
final class InceptionResNet {

  private InceptionResNet() {}

  static Architecture architecture(NetworkShape s) {
    ComputationGraph network =
        InceptionResNetV1.builder()
            .inputShape(s.inputShape())
            .numClasses(s.classes())
            .seed(s.seed())
            .updater(s.updater())
            .build()
            .init();
    ComputationGraphConfiguration configuration = network.getConfiguration().clone();
    network.close();
    configuration.getVertices().values().stream()
        .filter(LayerVertex.class::isInstance)
        .map(vertex -> ((LayerVertex) vertex).getLayerConf())
        .map(NeuralNetConfiguration::getLayer)
        .filter(BaseLayer.class::isInstance)
        .forEach(layer -> ((BaseLayer) layer).setWeightInitFn(new WeightInitRelu()));
    return new Graph(configuration);
  }
}
