package org.dfp4j.examples.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.zoo.model.NASNet;
import org.deeplearning4j.zoo.model.ResNet50;
import org.deeplearning4j.zoo.model.SimpleCNN;
import org.dfp4j.examples.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.learning.config.Sgd;

/** The catalogue of models. */
class ZooTest {

  static List<ZooEntry> buildable() {
    return Zoo.entries().stream().filter(entry -> !entry.name().equals("nasnet")).toList();
  }

  private static NetworkShape shape(ZooEntry entry, int size) {
    return new NetworkShape(Math.max(1, entry.channels()), size, 10, 1, new Sgd());
  }

  @Test
  void hasEveryModelOfTheZooAndGoogLeNet() {
    assertEquals(
        "alexnet, darknet19, facenetnn4small2, googlenet, inceptionresnetv1, lenet, nasnet,"
            + " resnet50, simplecnn, squeezenet, textgenerationlstm, tinyyolo, unet, vgg16, vgg19, xception,"
            + " yolo2",
        Zoo.names());
  }

  @ParameterizedTest
  @MethodSource("buildable")
  void buildsAtItsDefaultSize(ZooEntry entry) {
    assertNotNull(entry.build(shape(entry, entry.defaultSize())));
  }

  @ParameterizedTest
  @MethodSource("buildable")
  void buildsAtItsSmallestSizeAndNotBelow(ZooEntry entry) {
    int smallest = entry.sizes().minimum();
    assertNotNull(entry.build(shape(entry, smallest)));
    if (smallest > 1) {
      UsageException e =
          assertThrows(UsageException.class, () -> entry.build(shape(entry, smallest - 1)));
      assertTrue(e.getMessage().startsWith("--size: expected "), e.getMessage());
    }
  }

  @Test
  void nasNetIsBrokenInTheZooItself() {
    NASNet model = NASNet.builder().numClasses(10).build();
    assertThrows(IllegalArgumentException.class, model::init);
  }

  @Test
  void resNet50IsTheZoosButForItsInitialWeights() {
    NetworkShape shape = new NetworkShape(3, 96, 10, 1, new Sgd());
    ComputationGraphConfiguration zoo =
        ResNet50.builder()
            .inputShape(shape.inputShape())
            .numClasses(10)
            .seed(1)
            .updater(new Sgd())
            .build()
            .graphBuilder()
            .build();
    ComputationGraphConfiguration ours =
        ((Architecture.Graph) Zoo.byName("resnet50").build(shape)).configuration();
    assertEquals(zoo.getVertexInputs(), ours.getVertexInputs());
    assertEquals(kinds(zoo), kinds(ours));
    assertEquals(parameters(zoo), parameters(ours));
  }

  private static Map<String, String> kinds(ComputationGraphConfiguration configuration) {
    return configuration.getVertices().entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> kind(entry.getValue())));
  }

  private static String kind(GraphVertex vertex) {
    return vertex instanceof LayerVertex layer
        ? layer.getLayerConf().getLayer().getClass().getName()
        : vertex.getClass().getName();
  }

  private static long parameters(ComputationGraphConfiguration configuration) {
    ComputationGraph network = new ComputationGraph(configuration);
    network.init();
    long parameters = network.numParams();
    network.close();
    return parameters;
  }

  @Test
  void simpleCnnIsTheZoosWithALoss() {
    NetworkShape shape = new NetworkShape(3, 48, 10, 1, new Sgd());
    MultiLayerNetwork zoo =
        (MultiLayerNetwork)
            SimpleCNN.builder()
                .inputShape(shape.inputShape())
                .numClasses(10)
                .seed(1)
                .build()
                .init();
    MultiLayerNetwork ours =
        (MultiLayerNetwork) Zoo.byName("simplecnn").build(shape).initialize().model();
    assertEquals(zoo.getnLayers() + 1, ours.getnLayers());
    assertEquals(zoo.params(), ours.params());
  }

  @Test
  void seedDecidesTheWeights() {
    ZooEntry lenet = Zoo.byName("LeNet");
    Network a = lenet.build(new NetworkShape(1, 28, 10, 1, new Sgd())).initialize();
    Network b = lenet.build(new NetworkShape(1, 28, 10, 1, new Sgd())).initialize();
    Network c = lenet.build(new NetworkShape(1, 28, 10, 2, new Sgd())).initialize();
    assertEquals(a.parameters(), b.parameters());
    assertTrue(a.parameters().distance2(c.parameters()) > 1);
  }
}
