package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.dfp4j.examples.models.Network;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/**
 * What one batch gives in a network, as in training: each layer's output and the gradients of its
 * parameters. The running statistics of batch normalization, which have no gradient, are left out.
 *
 * @param score loss of the batch
 * @param gradients by the layer's name; views of the network's memory
 * @param activations by the layer's name
 */
record Backpropagation(
    double score, Map<String, List<INDArray>> gradients, Map<String, INDArray> activations) {

  private static final Set<String> STATISTICS =
      Set.of(
          BatchNormalizationParamInitializer.GLOBAL_MEAN,
          BatchNormalizationParamInitializer.GLOBAL_VAR,
          BatchNormalizationParamInitializer.GLOBAL_LOG_STD);

  /** Runs the batch. */
  static Backpropagation of(Network network, DataSet batch) {
    DataType type = network.parameters().dataType();
    INDArray features = batch.getFeatures().castTo(type).dup();
    INDArray labels = batch.getLabels().castTo(type).dup();
    return network.model() instanceof MultiLayerNetwork layers
        ? of(layers, features, labels)
        : of((ComputationGraph) network.model(), features, labels);
  }

  private static Backpropagation of(MultiLayerNetwork network, INDArray features, INDArray labels) {
    network.setInput(features.dup());
    network.setLabels(labels);
    network.computeGradientAndScore();
    Map<String, INDArray> gradients = network.gradient().gradientForVariable();
    double score = network.score();
    Map<String, INDArray> activations = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    List<INDArray> outputs = network.feedForward(features, true);
    Layer[] layers = network.getLayers();
    for (int i = 0; i < layers.length; i++) {
      String name = name(layers[i], i);
      names.put(Integer.toString(i), name);
      activations.put(name, outputs.get(i + 1));
    }
    return new Backpropagation(score, byLayer(gradients, names), activations);
  }

  private static Backpropagation of(ComputationGraph network, INDArray features, INDArray labels) {
    network.setInputs(features.dup());
    network.setLabels(labels);
    network.computeGradientAndScore();
    Map<String, INDArray> gradients = network.gradient().gradientForVariable();
    double score = network.score();
    Map<String, INDArray> all = network.feedForward(new INDArray[] {features}, true);
    Map<String, INDArray> activations = new LinkedHashMap<>();
    Map<String, String> names = new LinkedHashMap<>();
    Layer[] layers = network.getLayers();
    for (int i = 0; i < layers.length; i++) {
      String name = name(layers[i], i);
      names.put(name, name);
      activations.put(name, all.get(name));
    }
    return new Backpropagation(score, byLayer(gradients, names), activations);
  }

  /** The layers in the network's order. */
  static Layer[] layers(Network network) {
    Model model = network.model();
    return model instanceof MultiLayerNetwork layers
        ? layers.getLayers()
        : ((ComputationGraph) model).getLayers();
  }

  /** The layer's name, or where it is. */
  static String name(Layer layer, int index) {
    String name = layer.conf().getLayer().getLayerName();
    return name == null ? "layer " + index : name;
  }

  /**
   * Groups gradients.
   *
   * @param gradients by {@code prefix_parameter}
   * @param names of the layers by prefix
   */
  private static Map<String, List<INDArray>> byLayer(
      Map<String, INDArray> gradients, Map<String, String> names) {
    Map<String, List<INDArray>> byLayer = new LinkedHashMap<>();
    gradients.forEach(
        (key, gradient) -> {
          int end = key.lastIndexOf('_');
          if (!STATISTICS.contains(key.substring(end + 1))) {
            byLayer
                .computeIfAbsent(names.get(key.substring(0, end)), name -> new ArrayList<>())
                .add(gradient);
          }
        });
    return byLayer;
  }
}
