package org.dfp4j.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.WorkspaceMode;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.conf.Fp32Activation;
import org.dfp4j.layers.conf.Fp32BatchNormalization;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** Networks whose FP32 layers alone run on own kernels, beside stock DL4J. */
class Fp32NetworkTest {

  /** Own kernels for FP32 layers, and no product in DFP-16. */
  private static final MixedPrecision FP32_KERNELS =
      MixedPrecision.of(
          PrecisionPolicy.builder()
              .name("FP32 kernels")
              .forward(false)
              .backwardData(false)
              .backwardWeights(false)
              .build());

  /**
   * Some hundred roundings of 2^-24 follow one another from the input to an update: a convolution
   * adds 27 products, a dense layer 384, and a batch norm makes 6 roundings.
   */
  private static final double BOUND = 500 * Math.scalb(1.0, -24);

  private final DataSet data = Nets.images(6, Nets.SEED);

  private static MultiLayerConfiguration chain(
      CNN2DFormat format, WorkspaceMode mode, Layer middle) {
    NeuralNetConfiguration.ListBuilder list =
        Nets.defaults(new Sgd(0.05))
            .trainingWorkspaceMode(mode)
            .inferenceWorkspaceMode(mode)
            .list()
            .layer(
                new ConvolutionLayer.Builder(3, 3)
                    .nOut(6)
                    .convolutionMode(ConvolutionMode.Same)
                    .activation(Activation.IDENTITY)
                    .build())
            .layer(new BatchNormalization.Builder().name("bn1").build())
            .layer(new ActivationLayer.Builder().activation(Activation.RELU).name("relu").build())
            .layer(new ConvolutionLayer.Builder(2, 2).nOut(5).hasBias(false).build())
            .layer(middle)
            .layer(new DenseLayer.Builder().nOut(7).activation(Activation.IDENTITY).build())
            .layer(new BatchNormalization.Builder().useLogStd(false).name("bn3").build())
            .layer(
                new ActivationLayer.Builder()
                    .activation(Activation.LEAKYRELU)
                    .name("leaky")
                    .build())
            .layer(new OutputLayer.Builder().nOut(4).activation(Activation.SOFTMAX).build());
    return list.setInputType(InputType.convolutional(8, 8, 3, format)).build();
  }

  private static BatchNormalization middle() {
    return new BatchNormalization.Builder().nOut(5).nIn(5).decay(0.7).name("bn2").build();
  }

  private static MultiLayerNetwork network(MultiLayerConfiguration conf) {
    MultiLayerNetwork network = new MultiLayerNetwork(conf);
    network.init();
    return network;
  }

  private DataSet data(CNN2DFormat format) {
    INDArray features = data.getFeatures();
    INDArray images = format == CNN2DFormat.NCHW ? features : features.permute(0, 2, 3, 1).dup('c');
    return new DataSet(images, data.getLabels());
  }

  @Test
  void theReportNamesThem() {
    // Of a network: without the names of its parameters DL4J reads useLogStd as true from JSON.
    MultiLayerConfiguration conf =
        network(chain(CNN2DFormat.NCHW, WorkspaceMode.ENABLED, new FrozenLayer(middle())))
            .getLayerWiseConfigurations();
    ConversionReport plan = MixedPrecision.dfp16().plan(conf);
    assertEquals(5, plan.count(Decision.ACCELERATED));
    assertEquals("FrozenLayer(BatchNormalization)", plan.layers().get(4).type());
    assertEquals("FP32, own kernels", plan.layers().get(4).reason());
    assertTrue(plan.summary().endsWith("; 5 in FP32 on own kernels"), plan.summary());
    MultiLayerConfiguration converted = FP32_KERNELS.convert(conf);
    assertSame(Fp32BatchNormalization.class, converted.getConf(1).getLayer().getClass());
    assertSame(Fp32Activation.class, converted.getConf(2).getLayer().getClass());
    assertEquals(0, FP32_KERNELS.plan(conf).count(Decision.SWAPPED));
    assertEquals(5, MixedPrecision.fp32().plan(converted).count(Decision.RESTORED));
    assertEquals(conf.toJson(), MixedPrecision.fp32().convert(converted).toJson());
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(converted.toJson());
    assertEquals(converted, read);
    assertEquals(converted.hashCode(), read.hashCode());
    assertNotEquals(conf, converted);
    assertEquals(converted, MultiLayerConfiguration.fromYaml(converted.toYaml()));
    assertEquals(converted.toJson(), FP32_KERNELS.convert(converted).toJson());
  }

  @Test
  void otherDataTypesStayAsTheyAre() {
    MultiLayerConfiguration conf = chain(CNN2DFormat.NCHW, WorkspaceMode.ENABLED, middle());
    conf.setDataType(DataType.DOUBLE);
    assertEquals(0, MixedPrecision.dfp16().plan(conf).count(Decision.ACCELERATED));
    conf.getConf(1).setLayer(new Fp32BatchNormalization(middle()));
    assertEquals(Decision.RESTORED, MixedPrecision.dfp16().plan(conf).layers().get(1).decision());
  }

  static Stream<Layer> middles() {
    return Stream.of(middle(), new FrozenLayer(middle()), new FrozenLayerWithBackprop(middle()));
  }

  @ParameterizedTest
  @MethodSource("middles")
  void trainsAsStock(Layer middle) {
    // DL4J's own layer fails with workspaces where it is frozen with a backward pass.
    boolean frozen = middle instanceof FrozenLayerWithBackprop;
    WorkspaceMode mode = frozen ? WorkspaceMode.NONE : WorkspaceMode.ENABLED;
    MultiLayerNetwork stock = network(chain(CNN2DFormat.NCHW, mode, middle.clone()));
    MultiLayerNetwork ours = FP32_KERNELS.convert(stock);
    for (int i = 0; i < 3; i++) {
      stock.fit(data);
      ours.fit(data);
      assertClose(stock.params(), ours.params(), "parameters after step " + (i + 1));
    }
    Map<String, INDArray> table = ours.paramTable();
    for (String key : List.of("1_mean", "1_log10stdev", "6_mean", "6_var")) {
      INDArray expected = stock.paramTable().get(key);
      assertClose(expected, table.get(key), key);
      boolean trained = key.startsWith("6") || !(middle instanceof FrozenLayer);
      assertEquals(trained, expected.amaxNumber().doubleValue() > 0, key);
    }
    INDArray features = data.getFeatures();
    assertClose(stock.output(features), ours.output(features), "output");
    List<INDArray> expected = stock.feedForward(features, true);
    List<INDArray> actual = ours.feedForward(features, true);
    for (int i = 0; i < expected.size(); i++) {
      assertClose(expected.get(i), actual.get(i), "activations " + i);
    }
  }

  private static void assertClose(INDArray expected, INDArray actual, String what) {
    double size = Math.max(1, expected.amaxNumber().doubleValue());
    double worst = actual.sub(expected).amaxNumber().doubleValue();
    assertTrue(worst <= BOUND * size, "%s: off by %s of %s".formatted(what, worst, size));
  }

  @ParameterizedTest
  @EnumSource(CNN2DFormat.class)
  void workspacesChangeNoBit(CNN2DFormat format) {
    DataSet batch = data(format);
    MultiLayerNetwork with =
        FP32_KERNELS.convert(network(chain(format, WorkspaceMode.ENABLED, middle())));
    MultiLayerNetwork without =
        FP32_KERNELS.convert(network(chain(format, WorkspaceMode.NONE, middle())));
    for (int i = 0; i < 2; i++) {
      with.fit(batch);
      without.fit(batch);
    }
    assertSameBits(with.params(), without.params());
    assertSameBits(with.output(batch.getFeatures()), without.output(batch.getFeatures()));
  }

  @Test
  void aTrainedNetworkGoesOnAfterSavingAndConverting(@TempDir Path folder) throws IOException {
    MultiLayerNetwork ours =
        FP32_KERNELS.convert(network(chain(CNN2DFormat.NCHW, WorkspaceMode.ENABLED, middle())));
    ours.fit(data);
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(ours, file, true);
    MultiLayerNetwork loaded = ModelSerializer.restoreMultiLayerNetwork(file, true);
    MultiLayerNetwork clone = ours.clone();
    MultiLayerNetwork stock = MixedPrecision.fp32().convert(ours);
    assertSameBits(ours.params(), stock.params());
    assertClose(
        stock.output(data.getFeatures()), ours.output(data.getFeatures()), "output of stock");
    ours.fit(data);
    loaded.fit(data);
    clone.fit(data);
    assertSameBits(ours.params(), loaded.params());
    assertSameBits(ours.params(), clone.params());
    assertSame(Fp32BatchNormalization.class, loaded.getLayer(1).conf().getLayer().getClass());
    assertSame(BatchNormalization.class, stock.getLayer(1).conf().getLayer().getClass());
  }

  private static void assertSameBits(INDArray expected, INDArray actual) {
    assertArrayEquals(expected.dup('c').data().asFloat(), actual.dup('c').data().asFloat());
  }
}
