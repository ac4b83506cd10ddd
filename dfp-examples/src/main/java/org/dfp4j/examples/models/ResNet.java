package org.dfp4j.examples.models;

import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.distribution.NormalDistribution;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.weights.WeightInitDistribution;
import org.deeplearning4j.nn.weights.WeightInitRelu;
import org.deeplearning4j.zoo.model.ResNet50;
import org.dfp4j.examples.models.Architecture.Graph;

/**
 * The zoo's ResNet-50 with other initial weights.
 *
 * <p>The zoo draws all weights with a deviation of 0.5, which starts at a score near 170 and hardly
 * trains. Here convolutions start as usual with rectifiers, and the last layer with a deviation of
 * 0.001, so that the first score is that of guessing.
 */
final class ResNet {

  private static final double OUTPUT_DEVIATION = 0.001;

  private ResNet() {}

  static Architecture architecture(NetworkShape s) {
    ComputationGraphConfiguration configuration =
        ResNet50.builder()
            .inputShape(s.inputShape())
            .numClasses(s.classes())
            .seed(s.seed())
            .updater(s.updater())
            .weightInit(new WeightInitRelu())
            .build()
            .graphBuilder()
            .build();
    LayerVertex output = (LayerVertex) configuration.getVertices().get("output");
    ((OutputLayer) output.getLayerConf().getLayer())
        .setWeightInitFn(new WeightInitDistribution(new NormalDistribution(0, OUTPUT_DEVIATION)));
    return new Graph(configuration);
  }
}
