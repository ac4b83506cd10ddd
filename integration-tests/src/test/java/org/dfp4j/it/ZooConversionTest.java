package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.NetworkShape;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;
import org.dfp4j.layers.ConversionReport;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.dfp4j.layers.conf.Fp32Layer;
import org.dfp4j.layers.conf.Fp32Layers;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Conversion of the zoo's models: plan, JSON, the way back, saved models. */
class ZooConversionTest {

  private static final int SEED = 42;
  private static final int CLASSES = 5;

  @TempDir private Path folder;

  /** The model in stock layers; skips the test where DL4J cannot build it or read its JSON. */
  private static Architecture architecture(ZooEntry entry, int size) {
    int channels = Math.max(1, entry.channels());
    Architecture stock = null;
    try {
      stock = entry.build(new NetworkShape(channels, size, CLASSES, SEED, new Sgd(1e-4)));
      fromJson(stock, json(stock));
    } catch (RuntimeException e) {
      assumeTrue(false, "stock " + entry.name() + ": " + e);
    }
    return stock;
  }

  static Stream<String> names() {
    return Zoo.entries().stream().map(ZooEntry::name);
  }

  private static String json(Architecture architecture) {
    return architecture instanceof Architecture.Layers chain
        ? chain.configuration().toJson()
        : ((Architecture.Graph) architecture).configuration().toJson();
  }

  private static Architecture convert(MixedPrecision recipe, Architecture architecture) {
    return architecture instanceof Architecture.Layers chain
        ? new Architecture.Layers(recipe.convert(chain.configuration()))
        : new Architecture.Graph(
            recipe.convert(((Architecture.Graph) architecture).configuration()));
  }

  private static ConversionReport plan(MixedPrecision recipe, Architecture architecture) {
    return architecture instanceof Architecture.Layers chain
        ? recipe.plan(chain.configuration())
        : recipe.plan(((Architecture.Graph) architecture).configuration());
  }

  private static Architecture fromJson(Architecture kind, String json) {
    return kind instanceof Architecture.Layers
        ? new Architecture.Layers(MultiLayerConfiguration.fromJson(json))
        : new Architecture.Graph(ComputationGraphConfiguration.fromJson(json));
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyModelConvertsAndComesBack(String name) {
    ZooEntry entry = Zoo.byName(name);
    Architecture stock = architecture(entry, entry.defaultSize());
    String before = json(stock);
    List<Layer> layers = stock.layers().toList();
    ConversionReport report = plan(MixedPrecision.dfp16(), stock);
    assertEquals(layers.size(), report.layers().size());
    for (int i = 0; i < layers.size(); i++) {
      LayerDecision decision = report.layers().get(i);
      boolean supported = Dfp16Layers.SUPPORTED.contains(layers.get(i).getClass());
      boolean fp32 = Fp32Layers.supports(layers.get(i));
      Decision other = fp32 ? Decision.ACCELERATED : Decision.KEPT;
      assertEquals(supported ? Decision.SWAPPED : other, decision.decision());
      assertFalse(decision.reason().isBlank(), decision.name());
      assertFalse(decision.reason().contains("subclass"), decision.toString());
    }
    assertTrue(
        report.layers().stream().mapToLong(LayerDecision::parameters).sum() > 0, "parameters");

    Architecture dfp = convert(MixedPrecision.dfp16(), stock);
    assertEquals(before, json(stock), "the argument is not modified");
    Architecture read = fromJson(dfp, json(dfp));
    assertEquals(json(dfp), json(read));
    assertEquals(
        report.count(Decision.SWAPPED), read.layers().filter(Dfp16Layer.class::isInstance).count());
    assertEquals(
        report.count(Decision.ACCELERATED),
        read.layers().filter(Fp32Layer.class::isInstance).count());
    assertEquals(before, json(convert(MixedPrecision.fp32(), read)));
  }

  @ParameterizedTest
  @CsvSource({
    "resnet50, 53, 0, 1",
    "vgg16, 13, 2, 1",
    "lenet, 2, 1, 1",
    "squeezenet, 26, 0, 0",
    "googlenet, 57, 0, 1",
    "xception, 6, 0, 1"
  })
  void knownModelsSwapAllTheirProducts(String name, int convolutions, int dense, int outputs) {
    ZooEntry entry = Zoo.byName(name);
    Map<String, Long> swapped =
        plan(MixedPrecision.dfp16(), architecture(entry, entry.defaultSize())).layers().stream()
            .filter(layer -> layer.decision() == Decision.SWAPPED)
            .collect(Collectors.groupingBy(LayerDecision::type, Collectors.counting()));
    assertEquals(convolutions, swapped.getOrDefault("ConvolutionLayer", 0L));
    assertEquals(dense, swapped.getOrDefault("DenseLayer", 0L));
    assertEquals(outputs, swapped.getOrDefault("OutputLayer", 0L));
    assertEquals(
        name.equals("xception") ? 34 : 0, swapped.getOrDefault("SeparableConvolution2D", 0L));
  }

  private static DataSet batch(Network network, int channels, int size) {
    Nd4j.getRandom().setSeed(SEED);
    INDArray features = Nd4j.rand(DataType.FLOAT, 2, channels, size, size);
    INDArray labels = Nd4j.zeros(DataType.FLOAT, output(network, features).shape());
    for (int n = 0; n < 2; n++) {
      labels.putScalar(n * labels.length() / 2 + n, 1);
    }
    return new DataSet(features, labels);
  }

  private static INDArray output(Network network, INDArray features) {
    return network.model() instanceof ComputationGraph graph
        ? graph.outputSingle(features)
        : ((MultiLayerNetwork) network.model()).output(features);
  }

  /** Two images, each with one box: its corners in units of the output's cells, and its class. */
  private static DataSet boxes(int channels, int size) {
    Nd4j.getRandom().setSeed(SEED);
    INDArray features = Nd4j.rand(DataType.FLOAT, 2, channels, size, size);
    int cells = size / 32;
    INDArray labels = Nd4j.zeros(DataType.FLOAT, 2, 4 + CLASSES, cells, cells);
    double[] corners = {0.2, 0.1, 0.8, 0.9};
    for (int n = 0; n < 2; n++) {
      for (int i = 0; i < corners.length; i++) {
        labels.putScalar(n, i, 0, 0, corners[i] * cells);
      }
      labels.putScalar(n, 4 + n, 0, 0, 1);
    }
    return new DataSet(features, labels);
  }

  private static DataSet text(int characters) {
    INDArray text = Nd4j.zeros(DataType.FLOAT, 2, characters, 5);
    for (int t = 0; t < 5; t++) {
      text.putScalar(0, t % characters, t, 1);
      text.putScalar(1, (t + 1) % characters, t, 1);
    }
    return new DataSet(text, text.dup());
  }

  private static DataSet batch(ZooEntry entry, Network network, int size) {
    return switch (entry.task()) {
      case CLASSIFICATION, SEGMENTATION -> batch(network, entry.channels(), size);
      case DETECTION -> boxes(entry.channels(), size);
      case TEXT -> text(size);
    };
  }

  @ParameterizedTest
  @MethodSource("names")
  void everyModelTrainsAndTrainsOnWithTheSameBitsOnceSaved(String name) throws IOException {
    ZooEntry entry = Zoo.byName(name);
    int size = entry.sizes().minimum();
    Network network = convert(MixedPrecision.dfp16(), architecture(entry, size)).initialize();
    DataSet batch = batch(entry, network, size);
    float[] before = network.parameters().dup().data().asFloat();
    assertTrue(Double.isFinite(network.fit(batch, 1)), "score");
    Path file = folder.resolve(name + ".zip");
    network.save(file);
    Network loaded = Network.load(file);
    Files.delete(file);
    assertEquals(network.fit(batch, 2), loaded.fit(batch, 2));
    float[] after = network.parameters().dup().data().asFloat();
    assertArrayEquals(after, loaded.parameters().dup().data().asFloat());
    assertFalse(Arrays.equals(before, after), "the parameters change");
    network.model().close();
    loaded.model().close();
  }

  @ParameterizedTest
  @CsvSource({"resnet50, 96", "squeezenet, 32", "lenet, 28"})
  void theFirstScoreIsThatOfFp32(String name, int size) {
    ZooEntry entry = Zoo.byName(name);
    Network fp32 = architecture(entry, size).initialize();
    DataSet batch = batch(fp32, entry.channels(), size);
    double expected;
    Network dfp;
    // For dropout.
    Nd4j.getRandom().setSeed(1);
    if (fp32.model() instanceof ComputationGraph graph) {
      expected = graph.score(batch, true);
      dfp = new Network(MixedPrecision.dfp16().convert(graph));
    } else {
      MultiLayerNetwork chain = (MultiLayerNetwork) fp32.model();
      expected = chain.score(batch, true);
      dfp = new Network(MixedPrecision.dfp16().convert(chain));
    }
    // Each operand is off by at most 2^-14 of its tensor's largest value, in up to 54 layers.
    assertEquals(expected, dfp.fit(batch, 1), 2 * 54 * Math.scalb(expected, -14));
    assertEquals(1, dfp.iteration());
  }
}
