package org.dfp4j.examples.models;

import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LossLayer;
import org.deeplearning4j.nn.weights.WeightInit;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.dfp4j.examples.models.Architecture.Layers;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The zoo's SimpleCNN with a loss, which has no parameters, behind its softmax. */
final class SimpleCnn {

  private SimpleCnn() {}

  static Architecture architecture(NetworkShape s) {
    MultiLayerConfiguration zoo =
        SimpleCNN.builder()
            .inputShape(s.inputShape())
            .numClasses(s.classes())
            .seed(s.seed())
            .updater(s.updater())
            .build()
            .conf();
    NeuralNetConfiguration loss =
        new NeuralNetConfiguration.Builder()
            .seed(s.seed())
            .updater(s.updater())
            // Without one DL4J takes the layer's JSON for that of an old version.
            .weightInit(WeightInit.XAVIER)
            .layer(
                new LossLayer.Builder(LossFunction.MCXENT)
                    .name("loss")
                    .activation(Activation.IDENTITY)
                    .build())
            .build();
    zoo.getConfs().add(loss);
    return new Layers(zoo);
  }
}
