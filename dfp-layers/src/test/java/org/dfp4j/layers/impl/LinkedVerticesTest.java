package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.dfp4j.layers.impl.LinkedNets.batches;
import static org.dfp4j.layers.impl.LinkedNets.compare;
import static org.dfp4j.layers.impl.LinkedNets.graph;
import static org.dfp4j.layers.impl.LinkedNets.separate;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.ActivationReader;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.conf.LinkedLayerVertex;
import org.dfp4j.layers.conf.LinkedSumVertex;
import org.dfp4j.layers.conf.SwappedVertex;
import org.dfp4j.layers.impl.LinkedNets.Net;
import org.dfp4j.layers.impl.LinkedNets.Watcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Graphs whose vertices work together, beside the same layers in stock vertices: tolerance 0. */
class LinkedVerticesTest {

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

  /** What a batch norm found in a gradient is not said of the sum of several gradients. */
  @Test
  void gradientsThatAreAdded() {
    Net net = new Net();
    String conv = net.conv("in", 3, 1, 6);
    String x = net.add(net.norm(conv), conv);
    String last = net.conv(x, 1, 1, 6);
    x = net.add(net.relu(last), net.norm(last));
    assertEquals("norm1 norm5", compare(net.end(x), batches(4, 2)));
  }

  /** A convolution below a batch norm never guesses the exponent of its gradient. */
  @Test
  void exponentsOfGradientsAreKnown() {
    ComputationGraph graph = graph(MixedPrecision.dfp16().convert(residual(new ActivationReLU())));
    Map<String, CountingKernels> counters = new HashMap<>();
    for (Layer layer : graph.getLayers()) {
      if (layer instanceof ConvolutionImpl) {
        counters.put(
            layer.conf().getLayer().getLayerName(),
            new CountingKernels(KernelProvider.kernels()).watch(layer));
      }
    }
    for (DataSet batch : batches(6, 6, 2)) {
      graph.fit(batch);
      counters.forEach(
          (name, counter) -> {
            Dfp16Impl layer = (Dfp16Impl) graph.getLayer(name);
            int exponent = layer.numerics().get(TensorRole.DIFF_DST).exponent();
            assertEquals(OptionalInt.of(exponent), counter.guess(TensorRole.DIFF_DST), name);
          });
    }
    assertEquals(7, counters.size());
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
