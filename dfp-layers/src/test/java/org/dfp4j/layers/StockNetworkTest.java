package org.dfp4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.nd4j.DfpBackend;
import org.dfp4j.backend.nd4j.SwapPolicy;
import org.dfp4j.backend.nd4j.SwapPolicy.Precision;
import org.dfp4j.backend.nd4j.SwapReport;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Stock DL4J networks while the backend swaps ND4J's ops, beside converted ones. */
class StockNetworkTest {

  private static final int STEPS = 3;

  /** Pooling, activations and updates stay DL4J's, as in the stock network. */
  private static final MixedPrecision CONVERSION =
      MixedPrecision.of(PrecisionPolicy.builder().fp32Kernels(false).build());

  private final DataSet data = Nets.images(6, Nets.SEED);

  @AfterEach
  void switchOff() {
    DfpBackend.swap(SwapPolicy.FP32);
  }

  static Stream<MultiLayerConfiguration> networks() {
    return Stream.of(CNN2DFormat.values())
        .flatMap(
            format ->
                Stream.of(
                    images(format, ConvolutionMode.Same, Activation.RELU),
                    images(format, ConvolutionMode.Truncate, Activation.IDENTITY)));
  }

  private static MultiLayerConfiguration images(
      CNN2DFormat format, ConvolutionMode mode, Activation activation) {
    return Nets.defaults(new Sgd(0.1))
        .activation(activation)
        .convolutionMode(mode)
        .list()
        .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).build())
        .layer(new ConvolutionLayer.Builder(2, 2).nOut(5).stride(2, 2).hasBias(false).build())
        .layer(new DenseLayer.Builder().nOut(7).activation(Activation.TANH).build())
        .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
        .setInputType(InputType.convolutional(8, 8, 3, format))
        .build();
  }

  private static MultiLayerNetwork network(MultiLayerConfiguration conf) {
    MultiLayerNetwork network = new MultiLayerNetwork(conf.clone());
    network.init();
    return network;
  }

  private DataSet inFormat(MultiLayerConfiguration conf) {
    ConvolutionLayer first = (ConvolutionLayer) conf.getConf(0).getLayer();
    boolean last = first.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    INDArray features = data.getFeatures();
    return new DataSet(last ? features.permute(0, 2, 3, 1).dup('c') : features, data.getLabels());
  }

  private static int[] bits(INDArray x) {
    float[] values = x.dup('c').data().asFloat();
    return IntStream.range(0, values.length).map(i -> Float.floatToIntBits(values[i])).toArray();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void trainsToTheBitsOfTheConvertedNetwork(MultiLayerConfiguration conf) {
    DataSet batch = inFormat(conf);
    MultiLayerNetwork fp32 = network(conf);
    MultiLayerNetwork converted = CONVERSION.convert(network(conf));
    DfpBackend.swap(SwapPolicy.DFP16);
    MultiLayerNetwork stock = network(conf);
    for (int step = 0; step < STEPS; step++) {
      stock.fit(batch);
      converted.fit(batch);
      assertArrayEquals(bits(converted.params()), bits(stock.params()), "step " + step);
    }
    assertAllSwapped(DfpBackend.report());
    DfpBackend.swap(SwapPolicy.FP32);
    for (int step = 0; step < STEPS; step++) {
      fp32.fit(batch);
    }
    assertFalse(
        Arrays.equals(bits(fp32.params()), bits(stock.params())), "the swap changes nothing");
  }

  private static void assertAllSwapped(SwapReport report) {
    assertFalse(report.rows().isEmpty(), "nothing is swapped");
    for (SwapReport.Row row : report.rows()) {
      assertEquals(Precision.DFP16, row.precision(), report.toString());
    }
  }

  @Test
  void givesHelpersToConvolutionsAlone() {
    MultiLayerConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .list()
            .layer(new ConvolutionLayer.Builder(3, 3).nOut(6).build())
            .layer(new BatchNormalization())
            .layer(new SubsamplingLayer.Builder().kernelSize(2, 2).build())
            .layer(new LocalResponseNormalization())
            .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
            .setInputType(InputType.convolutional(8, 8, 3))
            .build();
    assertNull(network(conf).getLayer(0).getHelper(), "without the swap");
    DfpBackend.swap(SwapPolicy.DFP16);
    Layer[] layers = network(conf).getLayers();
    assertNotNull(layers[0].getHelper(), "convolution");
    for (int i = 1; i < layers.length; i++) {
      assertNull(layers[i].getHelper(), layers[i].getClass().getSimpleName());
    }
    assertNull(CONVERSION.convert(network(conf)).getLayer(0).getHelper(), "converted");
  }

  @Test
  void swapsOtherConvolutions() {
    DfpBackend.swap(SwapPolicy.DFP16);
    MultiLayerNetwork images =
        network(
            Nets.defaults(new Sgd(0.1))
                .list()
                .layer(new Deconvolution2D.Builder(3, 3).nOut(6).build())
                .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.convolutional(8, 8, 3))
                .build());
    images.fit(data);
    MultiLayerNetwork sequences =
        network(
            Nets.defaults(new Sgd(0.1))
                .list()
                .layer(new Convolution1DLayer.Builder().kernelSize(3).nOut(6).build())
                .layer(new GlobalPoolingLayer())
                .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
                .setInputType(InputType.recurrent(3, 64))
                .build());
    INDArray steps = data.getFeatures().reshape('c', 6, 3, 64);
    sequences.fit(new DataSet(steps, data.getLabels()));
    SwapReport report = DfpBackend.report();
    for (String op : List.of("deconv2d", "deconv2d_bp", "conv1d", "conv1d_bp", "matmul")) {
      assertTrue(report.executions(op, Precision.DFP16) > 0, op + " in " + report);
    }
    assertAllSwapped(report);
  }

  @Test
  void leavesRecurrentLayersAlone() {
    MultiLayerConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .list()
            .layer(new LSTM.Builder().nOut(5).activation(Activation.TANH).build())
            .layer(new RnnOutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build())
            .setInputType(InputType.recurrent(3, 4))
            .build();
    Random random = new Random(Nets.SEED);
    INDArray features = Nd4j.create(2, 3, 4);
    for (int i = 0; i < features.length(); i++) {
      features.putScalar(i, random.nextGaussian());
    }
    DataSet sequences = new DataSet(features, Nd4j.ones(2, 4, 4).div(4));
    MultiLayerNetwork expected = network(conf);
    expected.fit(sequences);
    DfpBackend.swap(SwapPolicy.DFP16);
    MultiLayerNetwork actual = network(conf);
    actual.fit(sequences);
    assertArrayEquals(bits(expected.params()), bits(actual.params()));
  }

  @Test
  void trainsTwoNetworksInTwoThreads() throws Exception {
    DfpBackend.swap(SwapPolicy.DFP16);
    MultiLayerConfiguration conf = images(CNN2DFormat.NCHW, ConvolutionMode.Same, Activation.RELU);
    MultiLayerNetwork alone = network(conf);
    train(alone);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<MultiLayerNetwork>> together =
          threads.invokeAll(Collections.nCopies(2, () -> train(network(conf))));
      for (Future<MultiLayerNetwork> network : together) {
        assertArrayEquals(bits(alone.params()), bits(network.get().params()));
      }
    } finally {
      threads.shutdown();
    }
    assertAllSwapped(DfpBackend.report());
  }

  private MultiLayerNetwork train(MultiLayerNetwork network) {
    for (int step = 0; step < STEPS; step++) {
      network.fit(data.copy());
    }
    return network;
  }
}
