package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.ConvolutionMode;
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
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.conf.SwappedVertex;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Nesterovs;

/** Graphs whose vertices work together, beside the same layers in stock vertices. */
final class LinkedNets {

  private LinkedNets() {}

  /** A graph under construction; each method returns the name of the vertex that it adds. */
  static final class Net {

    final GraphBuilder builder =
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

  static ComputationGraph graph(ComputationGraphConfiguration conf) {
    ComputationGraph graph = new ComputationGraph(conf);
    graph.init();
    return graph;
  }

  /** The same layers, each by itself. */
  static ComputationGraphConfiguration separate(ComputationGraphConfiguration conf) {
    ComputationGraphConfiguration copy = conf.clone();
    copy.getVertices()
        .replaceAll((name, vertex) -> vertex instanceof SwappedVertex v ? v.toStock() : vertex);
    return copy;
  }

  /** Sees what vertices left to their readers; reads no activations. */
  static final class Watcher extends BaseTrainingListener {

    final TreeSet<String> deferring = new TreeSet<>();

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
  static String compare(ComputationGraphConfiguration conf, DataSet... batches) {
    return compare(conf, MixedPrecision.dfp16(), batches);
  }

  static String compare(
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

  static DataSet[] batches(int... sizes) {
    List<DataSet> batches = new ArrayList<>();
    for (int i = 0; i < sizes.length; i++) {
      batches.add(Nets.images(sizes[i], Nets.SEED + i));
    }
    return batches.toArray(DataSet[]::new);
  }
}
