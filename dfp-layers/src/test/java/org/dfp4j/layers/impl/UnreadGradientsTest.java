package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.conf.graph.MergeVertex;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.conf.layers.ZeroPaddingLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.TransferLearning;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.conf.LinkedLayerVertex;
import org.dfp4j.layers.conf.SwappedVertex;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;
import org.nd4j.linalg.learning.config.Adam;

/** Graphs that leave out gradients, beside the same layers in stock vertices: tolerance 0. */
class UnreadGradientsTest {

  private static GraphBuilder builder() {
    return Nets.defaults(new Adam(0.01))
        .convolutionMode(ConvolutionMode.Same)
        .graphBuilder()
        .addInputs("in");
  }

  private static ConvolutionLayer conv(int channels) {
    return new ConvolutionLayer.Builder(3, 3).nOut(channels).build();
  }

  /** Of images {@code [mb, 3, 8, 8]} and four classes. */
  private static ComputationGraphConfiguration end(GraphBuilder builder, String input) {
    return end(builder, InputType.convolutional(8, 8, 3), input);
  }

  private static ComputationGraphConfiguration end(
      GraphBuilder builder, InputType type, String input) {
    return builder
        .addLayer("average", new GlobalPoolingLayer.Builder().build(), input)
        .addLayer("out", new OutputLayer.Builder().nOut(4).build(), "average")
        .setOutputs("out")
        .setInputTypes(type)
        .build();
  }

  private static ComputationGraph graph(ComputationGraphConfiguration conf, String... frozen) {
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    for (String name : frozen) {
      graph.getVertex(name).setLayerAsFrozen();
    }
    return graph;
  }

  private static ComputationGraphConfiguration separate(ComputationGraphConfiguration conf) {
    ComputationGraphConfiguration copy = conf.clone();
    copy.getVertices()
        .replaceAll((name, vertex) -> vertex instanceof SwappedVertex v ? v.toStock() : vertex);
    return copy;
  }

  private static CountingKernels watch(ComputationGraph graph, String layer) {
    return new CountingKernels(KernelProvider.kernels()).watch(graph.getLayer(layer));
  }

  /**
   * Trains both forms of a graph for three steps.
   *
   * @param layer a convolution
   * @return how often the first form computed the gradient by its input, a step
   */
  private static double inputGradients(
      ComputationGraphConfiguration conf, DataSet data, String layer, String... frozen) {
    ComputationGraphConfiguration converted = MixedPrecision.dfp16().convert(conf);
    ComputationGraph linked = graph(converted, frozen);
    ComputationGraph stock = graph(separate(converted), frozen);
    stock.setParams(linked.params());
    CountingKernels counts = watch(linked, layer);
    CountingKernels stockCounts = watch(stock, layer);
    int steps = 3;
    for (int i = 0; i < steps; i++) {
      for (ComputationGraph each : List.of(linked, stock)) {
        Nd4j.getRandom().setSeed(Nets.SEED + i);
        each.fit(data);
      }
      assertEquals(stock.score(), linked.score());
      assertSameBits(stock.params(), linked.params(), "parameters");
    }
    assertSameBits(
        stock.getUpdater().getStateViewArray(), linked.getUpdater().getStateViewArray(), "state");
    assertEquals(steps, stockCounts.backwardDataProducts());
    return counts.backwardDataProducts() / (double) steps;
  }

  private static double inputGradients(ComputationGraphConfiguration conf, String layer) {
    return inputGradients(conf, Nets.images(5, Nets.SEED), layer);
  }

  @Test
  void firstConvolutions() {
    GraphBuilder net = builder().addLayer("conv", conv(5), "in").addLayer("next", conv(4), "conv");
    ComputationGraphConfiguration conf = end(net, "next");
    assertEquals(0, inputGradients(conf, "conv"));
    assertEquals(1, inputGradients(conf, "next"));
  }

  /** As in the zoo's ResNet-50: padding before the first convolution. */
  @Test
  void belowLayersWithoutParameters() {
    GraphBuilder net =
        builder()
            .addLayer("pad", new ZeroPaddingLayer.Builder(2, 2).build(), "in")
            .addLayer("pool", new SubsamplingLayer.Builder().kernelSize(2, 2).build(), "pad")
            .addLayer("left", conv(5), "pool")
            .addLayer("right", conv(5), "pool")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "left", "right");
    ComputationGraphConfiguration conf = end(net, "sum");
    assertEquals(0, inputGradients(conf, "left"));
    assertEquals(0, inputGradients(conf, "right"));
    ComputationGraphConfiguration converted = MixedPrecision.dfp16().convert(conf);
    for (String name : List.of("pad", "pool")) {
      assertInstanceOf(LinkedLayerVertex.class, converted.getVertices().get(name), name);
    }
    assertEquals(conf.toJson(), MixedPrecision.fp32().convert(converted).toJson());
    assertEquals(converted, ComputationGraphConfiguration.fromJson(converted.toJson()));
  }

  /** The input becomes what a vertex of DL4J's passes on. */
  @Test
  void preProcessors() {
    DataSet images = Nets.images(5, Nets.SEED);
    DataSet rows = new DataSet(images.getFeatures().reshape(5, 3 * 8 * 8), images.getLabels());
    GraphBuilder net = builder().addLayer("conv", conv(5), "in");
    assertEquals(
        0, inputGradients(end(net, InputType.convolutionalFlat(8, 8, 3), "conv"), rows, "conv"));
  }

  @Test
  void dropoutOfTheInput() {
    ConvolutionLayer conv = new ConvolutionLayer.Builder(3, 3).nOut(5).dropOut(0.5).build();
    assertEquals(1, inputGradients(end(builder().addLayer("conv", conv, "in"), "conv"), "conv"));
  }

  @Test
  void sequences() {
    ComputationGraphConfiguration conf =
        builder()
            .addLayer("conv", new Convolution1DLayer.Builder(3).nOut(5).build(), "in")
            .addLayer(
                "out",
                new RnnOutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build(),
                "conv")
            .setOutputs("out")
            .setInputTypes(InputType.recurrent(3, 7))
            .build();
    Nd4j.getRandom().setSeed(Nets.SEED);
    INDArray labels = Nd4j.zeros(5, 4, 7);
    labels.get(NDArrayIndex.all(), NDArrayIndex.point(1)).assign(1);
    assertEquals(0, inputGradients(conf, new DataSet(Nd4j.randn(5, 3, 7), labels), "conv"));
  }

  /** Another reader of the input takes part in DL4J's way. */
  @Test
  void readersThatPassAGradient() {
    GraphBuilder merged =
        builder().addLayer("conv", conv(5), "in").addVertex("all", new MergeVertex(), "in", "conv");
    assertEquals(1, inputGradients(end(merged, "all"), "conv"));
    GraphBuilder normalized =
        builder()
            .addLayer("norm", new BatchNormalization.Builder().build(), "in")
            .addLayer("conv", conv(3), "in")
            .addVertex("sum", new ElementWiseVertex(ElementWiseVertex.Op.Add), "norm", "conv");
    assertEquals(1, inputGradients(end(normalized, "sum"), "conv"));
  }

  /** A layer without parameters that a vertex of DL4J's reads too. */
  @Test
  void gradientsThatEndInTheMiddle() {
    GraphBuilder net =
        builder()
            .addLayer(
                "act", new ActivationLayer.Builder().activation(Activation.RELU).build(), "in")
            .addLayer("conv", conv(5), "act")
            .addVertex("all", new MergeVertex(), "act", "conv");
    assertEquals(1, inputGradients(end(net, "all"), "conv"));
  }

  @Test
  void aboveFrozenLayers() {
    GraphBuilder net =
        builder()
            .addLayer("first", conv(5), "in")
            .addLayer("act", new ActivationLayer.Builder().build(), "first")
            .addLayer("conv", conv(5), "act")
            .addLayer("next", conv(5), "conv");
    DataSet data = Nets.images(5, Nets.SEED);
    ComputationGraphConfiguration conf = end(net, "next");
    assertEquals(0, inputGradients(conf, data, "conv", "first", "act"));
    assertEquals(1, inputGradients(conf, data, "next", "first", "act"));
  }

  /** DL4J freezes what a vertex reads, layers without parameters too. */
  @Test
  void transferLearning() {
    GraphBuilder net =
        builder()
            .addLayer("pad", new ZeroPaddingLayer.Builder(1, 1).build(), "in")
            .addLayer("first", conv(5), "pad")
            .addLayer("pool", new SubsamplingLayer.Builder().kernelSize(2, 2).build(), "first")
            .addLayer("conv", conv(5), "pool")
            .addLayer("next", conv(5), "conv");
    // Its vertices are stock ones.
    ComputationGraph stock =
        new TransferLearning.GraphBuilder(graph(MixedPrecision.dfp16().convert(end(net, "next"))))
            .setFeatureExtractor("pool")
            .build();
    ComputationGraph linked = MixedPrecision.dfp16().convert(stock);
    CountingKernels stockCounts = watch(stock, "conv");
    CountingKernels counts = watch(linked, "conv");
    for (int i = 0; i < 2; i++) {
      stock.fit(Nets.images(5, Nets.SEED + i));
      linked.fit(Nets.images(5, Nets.SEED + i));
    }
    assertSameBits(stock.params(), linked.params(), "parameters");
    assertEquals(2, stockCounts.backwardDataProducts());
    assertEquals(0, counts.backwardDataProducts());
  }

  /** Without workspaces the gradient by the input stays where a listener finds it. */
  @Test
  void listenersFindItWithoutWorkspaces() {
    ComputationGraphConfiguration conf =
        MixedPrecision.dfp16().convert(end(builder().addLayer("conv", conv(5), "in"), "conv"));
    conf.setTrainingWorkspaceMode(WorkspaceMode.NONE);
    conf.setInferenceWorkspaceMode(WorkspaceMode.NONE);
    ComputationGraph linked = graph(conf);
    ComputationGraph stock = graph(separate(conf));
    stock.setParams(linked.params());
    List<INDArray> seen = new ArrayList<>();
    for (ComputationGraph each : List.of(linked, stock)) {
      each.setListeners(
          new BaseTrainingListener() {
            @Override
            public void onBackwardPass(Model model) {
              INDArray gradient = ((ComputationGraph) model).getVertex("in").getEpsilon();
              assertNotNull(gradient);
              seen.add(gradient.dup());
            }
          });
      each.fit(Nets.images(5, Nets.SEED));
    }
    assertSameBits(seen.get(1), seen.get(0), "gradient by the input");
  }
}
