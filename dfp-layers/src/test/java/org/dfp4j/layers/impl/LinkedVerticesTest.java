package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.dropout.Dropout;
import org.deeplearning4j.nn.conf.dropout.GaussianNoise;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.dfp4j.layers.ActivationReader;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.conf.LinkedLayerVertex;
import org.dfp4j.layers.conf.LinkedSumVertex;
import org.dfp4j.layers.conf.SwappedVertex;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Graphs whose vertices work together, beside the same layers in stock vertices: tolerance 0. */
class LinkedVerticesTest {

  /** A graph under construction; each method returns the name of the vertex that it adds. */
  private static final class Net {

    private final GraphBuilder builder =
        Nets.defaults(new Nesterovs(0.05, 0.9))
            .convolutionMode(ConvolutionMode.Same)
            .l2(1e-3)
            .graphBuilder()
            .addInputs("in");
    private int count;

    private String name(String kind) {
      return kind + count++;
    }

    String conv(String input, int kernel, int stride, int channels) {
      return conv(
          input, new ConvolutionLayer.Builder(kernel, kernel).stride(stride, stride), channels);
    }

    String conv(String input, ConvolutionLayer.Builder conv, int channels) {
      return conv(input, conv, channels, new ActivationIdentity());
    }

    String conv(String input, ConvolutionLayer.Builder conv, int channels, IActivation f) {
      String name = name("conv");
      builder.addLayer(name, conv.nOut(channels).activation(f).build(), input);
      return name;
    }

    String norm(String input) {
      String name = name("norm");
      builder.addLayer(name, new BatchNormalization.Builder().build(), input);
      return name;
    }

    String act(String input, IActivation f) {
      String name = name("act");
      builder.addLayer(name, new ActivationLayer.Builder().activation(f).build(), input);
      return name;
    }

    String relu(String input) {
      return act(input, new ActivationReLU());
    }

    String add(String... inputs) {
      String name = name("add");
      builder.addVertex(name, new ElementWiseVertex(ElementWiseVertex.Op.Add), inputs);
      return name;
    }

    String merge(Set<String> inputs) {
      String name = name("merge");
      builder.addVertex(name, new MergeVertex(), inputs.toArray(String[]::new));
      return name;
    }

    String pool(String input) {
      String name = name("pool");
      builder.addLayer(
          name, new SubsamplingLayer.Builder().kernelSize(2, 2).stride(2, 2).build(), input);
      return name;
    }

    /** Of images {@code [mb, 3, 8, 8]} and four classes. */
    ComputationGraphConfiguration end(String input) {
      return end(input, CNN2DFormat.NCHW);
    }

    ComputationGraphConfiguration end(String input, CNN2DFormat format) {
      return builder
          .addLayer("average", new GlobalPoolingLayer.Builder().build(), input)
          .addLayer("out", new OutputLayer.Builder().nOut(4).build(), "average")
          .setOutputs("out")
          .setInputTypes(InputType.convolutional(8, 8, 3, format))
          .build();
    }
  }

  /** Two residual blocks, the first with a convolution beside it, after a stem with pooling. */
  private static ComputationGraphConfiguration residual(IActivation f) {
    Net net = new Net();
    String stem = net.pool(net.act(net.norm(net.conv("in", 3, 1, 6)), f));
    String x = net.act(net.norm(net.conv(stem, 1, 2, 5)), f);
    x = net.act(net.norm(net.conv(x, 3, 1, 5)), f);
    x = net.norm(net.conv(x, 1, 1, 8));
    String beside = net.norm(net.conv(stem, 1, 2, 8));
    String block = net.act(net.add(x, beside), f);
    x = net.act(net.norm(net.conv(block, 1, 1, 5)), f);
    x = net.norm(net.conv(x, 3, 1, 8));
    return net.end(net.act(net.add(x, block), f));
  }

  private static ComputationGraph graph(ComputationGraphConfiguration conf) {
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  /** The same layers, each by itself. */
  private static ComputationGraphConfiguration separate(ComputationGraphConfiguration conf) {
    ComputationGraphConfiguration copy = conf.clone();
    copy.getVertices()
        .replaceAll((name, vertex) -> vertex instanceof SwappedVertex v ? v.toStock() : vertex);
    return copy;
  }

  /** Sees what vertices left to their readers; reads no activations. */
  private static final class Watcher extends BaseTrainingListener {

    private final TreeSet<String> deferring = new TreeSet<>();

    @Override
    public void onBackwardPass(Model model) {
      for (GraphVertex vertex : ((ComputationGraph) model).getVertices()) {
        if (vertex instanceof LinkedVertex linked && linked.deferred() != null) {
          deferring.add(vertex.getVertexName());
        }
        if (vertex instanceof LinkedSum sum && sum.hasActivated()) {
          deferring.add(vertex.getVertexName());
        }
      }
    }
  }

  /**
   * Trains both forms of a graph.
   *
   * @return the vertices that did not compute their output, or computed their reader's
   */
  private static String compare(ComputationGraphConfiguration conf, DataSet... batches) {
    return compare(conf, MixedPrecision.dfp16(), batches);
  }

  private static String compare(
      ComputationGraphConfiguration conf, MixedPrecision precision, DataSet... batches) {
    ComputationGraphConfiguration converted = precision.convert(conf);
    ComputationGraph linked = graph(converted);
    ComputationGraph stock = graph(separate(converted));
    stock.setParams(linked.params());
    // Else DL4J's dropout changes activations that the backward pass still reads.
    for (Layer layer : stock.getLayers()) {
      layer.allowInputModification(false);
    }
    Watcher watcher = new Watcher();
    linked.setListeners(watcher);
    for (DataSet batch : batches) {
      for (ComputationGraph each : List.of(linked, stock)) {
        Nd4j.getRandom().setSeed(Nets.SEED);
        each.fit(batch);
      }
      assertEquals(stock.score(), linked.score());
      assertSameBits(stock.params(), linked.params(), "parameters");
    }
    assertSameBits(
        stock.getUpdater().getStateViewArray(), linked.getUpdater().getStateViewArray(), "state");
    INDArray features = batches[0].getFeatures();
    for (boolean training : new boolean[] {true, false}) {
      Nd4j.getRandom().setSeed(Nets.SEED);
      Map<String, INDArray> expected = stock.feedForward(features, training);
      Nd4j.getRandom().setSeed(Nets.SEED);
      linked
          .feedForward(features, training)
          .forEach((name, values) -> assertSameBits(expected.get(name), values, name));
    }
    assertSameBits(stock.outputSingle(features), linked.outputSingle(features), "output");
    return String.join(" ", watcher.deferring);
  }

  private static DataSet[] batches(int... sizes) {
    List<DataSet> batches = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      batches.add(Nets.images(sizes[i], Nets.SEED + i));
    }
    return batches.toArray(DataSet[]::new);
  }

  @ParameterizedTest
  @CsvSource({
    "relu, act18 act6 act9 add14 add21 norm1 norm11 norm13 norm17 norm20 norm5 norm8",
    "relu6, act18 act6 act9 add14 add21 norm1 norm11 norm13 norm17 norm20 norm5 norm8",
    "leakyrelu, act18 act6 act9 norm11 norm13 norm17 norm20 norm5 norm8",
    "tanh, norm11 norm13 norm20"
  })
  void residualBlocks(String activation, String deferring) {
    IActivation f =
        switch (activation) {
          case "relu" -> new ActivationReLU();
          case "relu6" -> new ActivationReLU6();
          case "leakyrelu" -> new ActivationLReLU(0.1);
          default -> new ActivationTanH();
        };
    assertEquals(deferring, compare(residual(f), batches(6, 6, 1, 5)));
  }

  @Test
  void aBatchNormBetweenConvolutions() {
    Net net = new Net();
    String x = net.norm(net.conv("in", 3, 2, 6));
    x = net.norm(net.relu(net.conv(x, 5, 1, 7)));
    assertEquals("norm1", compare(net.end(x), batches(4, 2)));
  }

  /** What has several readers, or is an output, is computed where it is. */
  @Test
  void severalReaders() {
    Net net = new Net();
    String norm = net.norm(net.conv("in", 3, 1, 6));
    String act = net.relu(norm);
    String twice = net.relu(net.norm(net.conv(act, 1, 1, 6)));
    String left = net.conv(twice, 1, 1, 6);
    String right = net.conv(twice, 3, 1, 6);
    String x = net.relu(net.add(left, right, norm));
    String self = net.norm(net.conv(x, 1, 1, 6));
    assertEquals("add12 norm4", compare(net.end(net.relu(net.add(self, self))), batches(4, 2)));
  }

  /** Activations of batch norms before sums, with an activation after the sum or without. */
  @ParameterizedTest
  @CsvSource({"false, norm1 norm9", "true, add6 norm1 norm10"})
  void activationsBeforeSums(boolean activated, String deferring) {
    Net net = new Net();
    String left = net.relu(net.norm(net.conv("in", 3, 1, 6)));
    String right = net.act(net.norm(net.conv("in", 1, 1, 6)), new ActivationLReLU(0.1));
    String sum = net.add(left, right);
    String block = activated ? net.relu(sum) : sum;
    String x = net.norm(net.conv(net.conv(block, 3, 1, 7), 1, 1, 6));
    assertEquals(deferring, compare(net.end(net.add(x, block)), batches(6, 6, 1, 5, 6)));
  }

  /** The first takes what a batch norm or a sum leaves to it; the others are by themselves. */
  @Test
  void activationsOneAfterAnother() {
    Net net = new Net();
    String x = net.relu(net.act(net.norm(net.conv("in", 3, 1, 6)), new ActivationReLU6()));
    x = net.act(net.relu(net.norm(net.conv(x, 3, 1, 6))), new ActivationLReLU(0.1));
    x = net.relu(net.relu(net.add(net.norm(net.conv(x, 1, 1, 6)), x)));
    assertEquals(
        "add10 norm1 norm5 norm9", compare(net.end(net.conv(x, 1, 1, 6)), batches(6, 6, 1, 5)));
  }

  /** The noise of a layer is not in what others read, whatever is on this project's kernels. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void noiseInPlace(boolean fp32Kernels) {
    Net net = new Net();
    String x = net.conv("in", new ConvolutionLayer.Builder(3, 3), 6, new ActivationReLU());
    String left = net.norm(net.conv(net.norm(x), 1, 1, 6));
    ConvolutionLayer.Builder noisy = new ConvolutionLayer.Builder(3, 3);
    String right = net.conv(x, noisy.dropOut(new GaussianNoise(1)), 6, new ActivationReLU6());
    right = net.conv(right, new ConvolutionLayer.Builder(1, 1).dropOut(new Dropout(0.5)), 6);
    ComputationGraphConfiguration conf = net.end(net.merge(Set.of(left, right)));
    compare(
        conf,
        MixedPrecision.of(PrecisionPolicy.builder().fp32Kernels(fp32Kernels).build()),
        batches(6, 6));
  }

  /** Vertices in any order, read by none to three others. */
  @ParameterizedTest
  @MethodSource("seeds")
  void randomGraphs(long seed) {
    compare(randomGraph(new Random(seed)), batches(3, 3, 1, 3));
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 16);
  }

  private static ComputationGraphConfiguration randomGraph(Random random) {
    List<IActivation> functions =
        List.of(
            new ActivationReLU(),
            new ActivationReLU6(),
            new ActivationLReLU(0.1),
            new ActivationTanH());
    Net net = new Net();
    List<String> all = new ArrayList<>(List.of(net.conv("in", 3, 1, 5)));
    Set<String> unread = new TreeSet<>(all);
    for (int i = 0; i < 16; i++) {
      String last = all.get(all.size() - 1);
      String any = all.get(random.nextInt(all.size()));
      String x = random.nextInt(4) == 0 ? any : last;
      IDropout dropout = random.nextBoolean() ? new Dropout(0.8) : new GaussianNoise(0.1);
      IActivation f = functions.get(random.nextInt(functions.size()));
      List<String> read = new ArrayList<>(List.of(x));
      String added =
          switch (random.nextInt(8)) {
            case 0, 1 -> net.norm(x);
            case 2, 3 -> net.act(x, f);
            case 4 -> net.conv(x, new ConvolutionLayer.Builder(1, 1), 5, f);
            case 5 -> net.conv(x, new ConvolutionLayer.Builder(3, 3).dropOut(dropout), 5, f);
            default -> {
              read.add(any);
              if (random.nextInt(4) == 0) {
                read.add(all.get(random.nextInt(all.size())));
              }
              yield net.add(read.toArray(String[]::new));
            }
          };
      read.forEach(unread::remove);
      all.add(added);
      unread.add(added);
    }
    return net.end(unread.size() == 1 ? unread.iterator().next() : net.merge(unread));
  }

  /** DL4J checks the sizes only where it knows the type of the input. */
  @Test
  void sumsThatBroadcast() {
    ConvolutionLayer.Builder image = new ConvolutionLayer.Builder(3, 3).nIn(3);
    ConvolutionLayer.Builder pixel =
        new ConvolutionLayer.Builder(8, 8).nIn(3).convolutionMode(ConvolutionMode.Truncate);
    Net net = new Net();
    String left = net.conv("in", image, 6);
    String right = net.conv("in", pixel, 6);
    net.builder
        .addLayer("left", new BatchNormalization.Builder().nOut(6).nIn(6).build(), left)
        .addLayer("right", new BatchNormalization.Builder().nOut(6).nIn(6).build(), right)
        .addLayer("average", new GlobalPoolingLayer.Builder().build(), net.add("left", "right"))
        .addLayer("out", new OutputLayer.Builder().nIn(6).nOut(4).build(), "average")
        .setOutputs("out");
    assertEquals("left right", compare(net.builder.build(), batches(4, 2)));
  }

  /** Where the reader is not one that can compute its input. */
  @Test
  void otherReaders() {
    Net net = new Net();
    String x = net.relu(net.norm(net.conv("in", 3, 1, 6)));
    x = net.conv(x, new ConvolutionLayer.Builder(3, 3).dropOut(0.5), 6);
    x = net.act(net.norm(x), new ActivationLReLU(0.1));
    x = net.pool(x);
    x = net.norm(net.conv(x, 1, 1, 6));
    net.builder.addVertex("max", new ElementWiseVertex(ElementWiseVertex.Op.Max), x, net.relu(x));
    assertEquals("norm1", compare(net.end("max"), batches(4, 2)));
  }

  @Test
  void channelsLast() {
    Net net = new Net();
    String x = net.conv("in", new ConvolutionLayer.Builder(3, 3).dataFormat(CNN2DFormat.NHWC), 6);
    x = net.relu(net.norm(x));
    x = net.conv(x, new ConvolutionLayer.Builder(1, 1).dataFormat(CNN2DFormat.NHWC), 6);
    DataSet images = Nets.images(4, Nets.SEED);
    DataSet last =
        new DataSet(images.getFeatures().permute(0, 2, 3, 1).dup('c'), images.getLabels());
    assertEquals("", compare(net.end(net.relu(x), CNN2DFormat.NHWC), last));
  }

  @Test
  void frozenLayersAndNoWorkspaces() {
    for (boolean frozen : new boolean[] {false, true}) {
      ComputationGraphConfiguration conf =
          MixedPrecision.dfp16().convert(residual(new ActivationReLU()));
      if (!frozen) {
        conf.setTrainingWorkspaceMode(WorkspaceMode.NONE);
        conf.setInferenceWorkspaceMode(WorkspaceMode.NONE);
      }
      ComputationGraph linked = graph(conf);
      ComputationGraph stock = graph(separate(conf));
      stock.setParams(linked.params());
      for (ComputationGraph each : List.of(linked, stock)) {
        for (String name : frozen ? List.of("act2", "norm1", "conv0") : List.<String>of()) {
          each.getVertex(name).setLayerAsFrozen();
        }
        each.fit(Nets.images(5, Nets.SEED));
        each.fit(Nets.images(5, Nets.SEED + 1));
      }
      assertSameBits(stock.params(), linked.params(), frozen ? "frozen" : "no workspaces");
    }
  }

  /** A listener that reads activations gets those of the separate layers. */
  @Test
  void listenersOfActivations() {
    ComputationGraphConfiguration conf =
        MixedPrecision.dfp16().convert(residual(new ActivationReLU()));
    ComputationGraph linked = graph(conf);
    ComputationGraph stock = graph(separate(conf));
    stock.setParams(linked.params());
    Map<String, INDArray> expected = new HashMap<>();
    Map<String, INDArray> got = new HashMap<>();
    stock.setListeners(new Reader(expected));
    linked.setListeners(new Reader(got));
    stock.fit(Nets.images(5, Nets.SEED));
    linked.fit(Nets.images(5, Nets.SEED));
    assertEquals(expected.keySet(), got.keySet());
    expected.forEach((name, values) -> assertSameBits(values, got.get(name), name));
    assertSameBits(stock.params(), linked.params(), "parameters");
  }

  /** A listener may say when it reads them. */
  @Test
  void listenersThatReadActivationsNowAndThen() {
    ComputationGraph linked = graph(MixedPrecision.dfp16().convert(residual(new ActivationReLU())));
    Sometimes sometimes = new Sometimes();
    Watcher watcher = new Watcher();
    linked.setListeners(sometimes, watcher);
    linked.fit(Nets.images(5, Nets.SEED));
    assertEquals("[]", watcher.deferring.toString());
    sometimes.reads = false;
    linked.fit(Nets.images(5, Nets.SEED));
    assertTrue(watcher.deferring.contains("norm1"), watcher.deferring.toString());
  }

  private static final class Sometimes extends BaseTrainingListener implements ActivationReader {

    private boolean reads = true;

    @Override
    public boolean readsActivations() {
      return reads;
    }
  }

  /** Keeps copies of all activations. */
  private static final class Reader extends BaseTrainingListener {

    private final Map<String, INDArray> kept;

    private Reader(Map<String, INDArray> kept) {
      this.kept = kept;
    }

    @Override
    public void onForwardPass(Model model, Map<String, INDArray> activations) {
      activations.forEach((name, values) -> kept.put(name, values.dup()));
    }
  }

  /**
   * Sampled iterations write inputs out to sample them; the numbers are those of stock vertices.
   */
  @Test
  void sampledInputs() {
    ComputationGraphConfiguration conf =
        MixedPrecision.dfp16().convert(residual(new ActivationReLU()));
    ComputationGraph linked = graph(conf);
    ComputationGraph stock = graph(separate(conf));
    stock.setParams(linked.params());
    for (ComputationGraph each : List.of(linked, stock)) {
      for (int i = 0; i < 3; i++) {
        for (Layer layer : each.getLayers()) {
          if (layer instanceof Dfp16Impl dfp) {
            dfp.sampleAt(1);
          }
        }
        each.fit(Nets.images(5, Nets.SEED));
      }
    }
    assertSameBits(stock.params(), linked.params(), "parameters");
    for (String name : List.of("conv4", "conv7")) {
      Dfp16Impl expected = (Dfp16Impl) stock.getLayer(name);
      Dfp16Impl got = (Dfp16Impl) linked.getLayer(name);
      assertEquals(expected.numerics().toString(), got.numerics().toString(), name);
      assertTrue(got.numerics().toString().contains("sample"), got.numerics().toString());
    }
  }

  /** A step that fails leaves nothing behind that changes the next one. */
  @Test
  void afterAFailedStep() {
    ComputationGraphConfiguration conf =
        MixedPrecision.dfp16().convert(residual(new ActivationReLU()));
    ComputationGraph linked = graph(conf);
    ComputationGraph stock = graph(separate(conf));
    stock.setParams(linked.params());
    linked.setListeners(
        new BaseTrainingListener() {
          @Override
          public void onBackwardPass(Model model) {
            if (((ComputationGraph) model).getIterationCount() == 1) {
              throw new IllegalStateException("stop");
            }
          }
        });
    linked.fit(Nets.images(5, Nets.SEED));
    stock.fit(Nets.images(5, Nets.SEED));
    assertThrows(IllegalStateException.class, () -> linked.fit(Nets.images(5, Nets.SEED + 1)));
    INDArray features = Nets.images(5, Nets.SEED + 2).getFeatures();
    assertSameBits(stock.outputSingle(features), linked.outputSingle(features), "output");
    Map<String, INDArray> expected = stock.feedForward(features, false);
    linked
        .feedForward(features, false)
        .forEach((name, values) -> assertSameBits(expected.get(name), values, name));
  }

  @Test
  void configurationsConvertBackAndSurviveJson() {
    ComputationGraphConfiguration stock = residual(new ActivationReLU());
    ComputationGraphConfiguration converted = MixedPrecision.dfp16().convert(stock);
    assertEquals(stock, MixedPrecision.fp32().convert(converted));
    assertEquals(converted, MixedPrecision.dfp16().convert(converted));
    assertEquals(converted, ComputationGraphConfiguration.fromJson(converted.toJson()));
    assertEquals(converted, converted.clone());
    assertNotEquals(converted, separate(converted));
    assertTrue(converted.getVertices().get("add14") instanceof LinkedSumVertex);
    assertTrue(converted.getVertices().get("norm1") instanceof LinkedLayerVertex);
    ComputationGraphConfiguration products =
        MixedPrecision.of(PrecisionPolicy.builder().fp32Kernels(false).build()).convert(stock);
    assertFalse(products.getVertices().get("add14") instanceof SwappedVertex);
    assertEquals(stock, MixedPrecision.fp32().convert(products));
  }
}
