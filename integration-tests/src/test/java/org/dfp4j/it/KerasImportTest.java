package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.modelimport.keras.KerasModelImport;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Networks that DL4J imports from Keras, with their channels last, train in DFP-16 and survive
 * saving.
 */
class KerasImportTest {

  private static final int SIZE = 12;
  private static final int CHANNELS = 3;
  private static final int CLASSES = 5;
  private static final int BATCH = 8;
  private static final int ITERATIONS = 15;

  private static final Map<String, Object> TRAINING =
      Map.of(
          "loss",
          "categorical_crossentropy",
          "optimizer_config",
          Map.of(
              "class_name",
              "Adam",
              "config",
              Map.of(
                  "learning_rate",
                  0.005,
                  "beta_1",
                  0.9,
                  "beta_2",
                  0.999,
                  "epsilon",
                  1e-7,
                  "decay",
                  0.0)));

  @TempDir private Path folder;

  private final Random random = new Random(7);
  private final KerasFile file = new KerasFile();

  private INDArray draw(double deviation, long... shape) {
    INDArray values = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < values.length(); i++) {
      values.putScalar(i, deviation * random.nextGaussian());
    }
    return values;
  }

  private static Map<String, Object> layer(String type, String name, Map<String, Object> settings) {
    Map<String, Object> config = new LinkedHashMap<>(settings);
    config.put("name", name);
    config.put("trainable", true);
    config.put("dtype", "float32");
    Map<String, Object> layer = new LinkedHashMap<>();
    layer.put("class_name", type);
    layer.put("config", config);
    return layer;
  }

  private static Map<String, Object> activation(String name) {
    return new LinkedHashMap<>(Map.of("activation", name));
  }

  private Map<String, Object> convolution(
      String name, int in, int out, int kernel, int stride, String activation) {
    file.weight(name, "kernel", draw(0.3, kernel, kernel, in, out));
    file.weight(name, "bias", draw(0.1, out));
    Map<String, Object> settings = activation(activation);
    settings.put("filters", out);
    settings.put("kernel_size", List.of(kernel, kernel));
    settings.put("strides", List.of(stride, stride));
    settings.put("dilation_rate", List.of(1, 1));
    settings.put("padding", "same");
    settings.put("data_format", "channels_last");
    settings.put("use_bias", true);
    return layer("Conv2D", name, initialized(settings));
  }

  private Map<String, Object> dense(String name, int in, int out, String activation) {
    file.weight(name, "kernel", draw(Math.sqrt(2.0 / in), in, out));
    file.weight(name, "bias", draw(0.1, out));
    Map<String, Object> settings = activation(activation);
    settings.put("units", out);
    settings.put("use_bias", true);
    return layer("Dense", name, initialized(settings));
  }

  private static Map<String, Object> initialized(Map<String, Object> settings) {
    Map<String, Object> zeros = Map.of("class_name", "Zeros", "config", Map.of());
    settings.put("kernel_initializer", zeros);
    settings.put("bias_initializer", zeros);
    return settings;
  }

  private Map<String, Object> normalization(String name, int channels) {
    file.weight(name, "gamma", draw(0.1, channels).addi(1));
    file.weight(name, "beta", draw(0.1, channels));
    file.weight(name, "moving_mean", draw(0.1, channels));
    file.weight(name, "moving_variance", draw(0.1, channels).muli(0.5).addi(1));
    return layer(
        "BatchNormalization",
        name,
        Map.of(
            "axis", List.of(3), "momentum", 0.9, "epsilon", 0.001, "center", true, "scale", true));
  }

  private static Map<String, Object> pooling(String type, String name) {
    return layer(
        type,
        name,
        Map.of(
            "pool_size",
            List.of(2, 2),
            "strides",
            List.of(2, 2),
            "padding",
            "same",
            "data_format",
            "channels_last"));
  }

  private static Map<String, Object> sequential(List<Map<String, Object>> layers) {
    castConfig(layers.get(0)).put("batch_input_shape", inputShape());
    return Map.of(
        "class_name", "Sequential", "config", Map.of("name", "sequential", "layers", layers));
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> castConfig(Map<String, Object> layer) {
    return (Map<String, Object>) layer.get("config");
  }

  private static List<Object> inputShape() {
    List<Object> shape = new ArrayList<>();
    shape.add(null);
    shape.addAll(List.of(SIZE, SIZE, CHANNELS));
    return shape;
  }

  private static DataSet batch() {
    Random random = new Random(11);
    INDArray features = Nd4j.create(DataType.FLOAT, BATCH, SIZE, SIZE, CHANNELS);
    for (long i = 0; i < features.length(); i++) {
      features.putScalar(i, random.nextGaussian());
    }
    INDArray labels = Nd4j.zeros(DataType.FLOAT, BATCH, CLASSES);
    for (int n = 0; n < BATCH; n++) {
      labels.putScalar(n, n % CLASSES, 1);
    }
    return new DataSet(features, labels);
  }

  @Test
  void aSequentialModel() throws Exception {
    Path path = folder.resolve("sequential.h5");
    file.write(
        path,
        sequential(
            List.of(
                convolution("conv1", CHANNELS, 8, 3, 1, "linear"),
                normalization("bn1", 8),
                layer("Activation", "relu1", activation("relu")),
                pooling("MaxPooling2D", "max"),
                convolution("conv2", 8, 12, 3, 2, "relu"),
                pooling("AveragePooling2D", "average"),
                layer("Flatten", "flatten", Map.of("data_format", "channels_last")),
                dense("dense", 2 * 2 * 12, 16, "tanh"),
                dense("probabilities", 16, CLASSES, "softmax"))),
        TRAINING);
    MultiLayerNetwork network =
        KerasModelImport.importKerasSequentialModelAndWeights(path.toString(), true);
    assertImported(network, 2, 2);
    checkTraining(network, List.of("probabilities_loss"));
  }

  /** Two branches, one with a convolution more, that an Add layer joins. */
  @Test
  void aFunctionalModelWithAnAdd() throws Exception {
    Path path = folder.resolve("functional.h5");
    Map<String, Object> input = layer("InputLayer", "images", Map.of("sparse", false));
    castConfig(input).put("batch_input_shape", inputShape());
    file.write(
        path,
        functional(
            List.of(
                connected(input),
                connected(convolution("conv1", CHANNELS, 8, 3, 1, "linear"), "images"),
                connected(normalization("bn1", 8), "conv1"),
                connected(layer("Activation", "relu1", activation("relu")), "bn1"),
                connected(convolution("conv2", 8, 8, 3, 1, "relu"), "relu1"),
                connected(layer("Add", "add", Map.of()), "conv2", "relu1"),
                connected(pooling("MaxPooling2D", "max"), "add"),
                connected(
                    layer(
                        "GlobalAveragePooling2D",
                        "average",
                        Map.of("data_format", "channels_last")),
                    "max"),
                connected(dense("probabilities", 8, CLASSES, "softmax"), "average"))),
        TRAINING);
    ComputationGraph network = KerasModelImport.importKerasModelAndWeights(path.toString(), true);
    assertImported(network, 2, 1);
    checkTraining(network, List.of("average", "probabilities_loss"));
  }

  private static Map<String, Object> connected(Map<String, Object> layer, String... from) {
    List<Object> nodes = new ArrayList<>();
    for (String name : from) {
      nodes.add(List.of(name, 0, 0, Map.of()));
    }
    layer.put("name", castConfig(layer).get("name"));
    layer.put("inbound_nodes", from.length == 0 ? List.of() : List.of(nodes));
    return layer;
  }

  private static Map<String, Object> functional(List<Map<String, Object>> layers) {
    Object last = layers.get(layers.size() - 1).get("name");
    return Map.of(
        "class_name",
        "Functional",
        "config",
        Map.of(
            "name",
            "functional",
            "layers",
            layers,
            "input_layers",
            List.of(List.of(layers.get(0).get("name"), 0, 0)),
            "output_layers",
            List.of(List.of(last, 0, 0))));
  }

  /** Keras has kernels as {@code [kh, kw, ic, oc]}, DL4J as {@code [oc, ic, kh, kw]}. */
  private void assertImported(Model network, int convolutions, int dense) {
    int found = 0;
    for (Map.Entry<String, INDArray> parameter : network.paramTable().entrySet()) {
      INDArray value = parameter.getValue();
      String layer = "conv" + (found + 1);
      if (value.rank() == 4) {
        assertEquals(file.weight(layer, "kernel").permute(3, 2, 0, 1), value, parameter.getKey());
        found++;
      }
    }
    assertEquals(convolutions, found);
    List<LayerDecision> swapped =
        Conversion.DFP16.plan(new Network(network)).layers().stream()
            .filter(layer -> layer.decision() == Decision.SWAPPED)
            .toList();
    assertEquals(
        convolutions, swapped.stream().filter(l -> l.type().equals("ConvolutionLayer")).count());
    assertEquals(dense, swapped.stream().filter(l -> l.type().equals("DenseLayer")).count());
    assertEquals(convolutions + dense, swapped.size());
  }

  /**
   * Takes away the dropout that the import gives each layer, with probability 0: DL4J's own
   * backward pass of dropout fails where a convolution has its channels last.
   */
  private static void dropNothing(Model network) {
    List<NeuralNetConfiguration> layers =
        network instanceof MultiLayerNetwork chain
            ? Stream.of(chain.getLayers()).map(Model::conf).toList()
            : Stream.of(((ComputationGraph) network).getLayers()).map(Model::conf).toList();
    for (NeuralNetConfiguration layer : layers) {
      IDropout dropout = layer.getLayer().getIDropout();
      assertTrue(dropout == null || dropout.equals(new Dropout(1)), "dropout " + dropout);
      layer.getLayer().setIDropout(null);
    }
  }

  /** Same score at the start, a lower one later, and the same bits once saved. */
  private void checkTraining(Model imported, List<String> kept) throws IOException {
    Network fp32 = new Network(imported);
    assertEquals(
        kept,
        Conversion.DFP16.plan(fp32).layers().stream()
            .filter(layer -> layer.decision() == Decision.KEPT)
            .map(LayerDecision::name)
            .toList());
    Network dfp = Conversion.DFP16.toDfp16(fp32);
    dropNothing(imported);
    DataSet batch = batch();
    double start = dfp.fit(batch, 1);
    // Each operand is off by at most 2^-14 of its tensor's largest value, in 4 layers at most.
    double expected = fp32.fit(batch, 1);
    assertEquals(expected, start, 2 * 4 * Math.scalb(expected, -14));
    for (int i = 2; i <= ITERATIONS; i++) {
      dfp.fit(batch, i);
      fp32.fit(batch, i);
    }
    Path saved = folder.resolve("saved.zip");
    dfp.save(saved);
    Network loaded = Network.load(saved);
    double end = dfp.fit(batch, ITERATIONS + 1);
    // 16 steps apart by rounding alone; a wrong gradient is off by more.
    assertEquals(fp32.fit(batch, ITERATIONS + 1), end, 0.01 * end);
    assertTrue(end < start / 2, "score from " + start + " to " + end);
    assertEquals(end, loaded.fit(batch, ITERATIONS + 1));
    assertArrayEquals(
        dfp.parameters().dup().data().asFloat(), loaded.parameters().dup().data().asFloat());
  }
}
