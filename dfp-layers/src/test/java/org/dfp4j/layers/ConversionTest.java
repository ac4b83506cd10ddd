package org.dfp4j.layers;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.constraint.MaxNormConstraint;
import org.deeplearning4j.nn.conf.constraint.NonNegativeConstraint;
import org.deeplearning4j.nn.conf.dropout.GaussianDropout;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.DropConnect;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.util.ModelSerializer;
import org.deeplearning4j.util.NetworkUtils;
import org.dfp4j.layers.conf.Dfp16Convolution;
import org.dfp4j.layers.conf.Dfp16Convolution2D;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.impl.Nets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.Sgd;

/** Conversion of whole configurations and networks, and what survives afterwards. */
class ConversionTest {

  private final DataSet data = Nets.images(4, Nets.SEED);

  private static NeuralNetConfiguration.Builder everySetting() {
    return Nets.defaults(new Adam(0.02))
        .biasUpdater(new Sgd(0.3))
        .dropOut(new GaussianDropout(0.3))
        .weightNoise(new DropConnect(0.9))
        .constrainWeights(new MaxNormConstraint(2, 1), new NonNegativeConstraint())
        .l1(0.01)
        .l2(0.02)
        .l2Bias(0.03);
  }

  static Stream<MultiLayerConfiguration> chains() {
    return Stream.of(Nets.chain(), Nets.chain(everySetting()));
  }

  @ParameterizedTest
  @MethodSource("chains")
  void aChainComesBackAsItWas(MultiLayerConfiguration conf) {
    String before = conf.toJson();
    MultiLayerConfiguration dfp = MixedPrecision.dfp16().convert(conf);
    assertEquals(before, conf.toJson(), "the argument is not modified");
    assertNotEquals(conf, dfp);
    assertEquals(before, MixedPrecision.fp32().convert(dfp).toJson());
    assertEquals(conf, MixedPrecision.fp32().convert(dfp));
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(dfp.toJson());
    assertEquals(dfp, read);
    assertEquals(dfp.toJson(), read.toJson());
    assertEquals(dfp, dfp.clone());
    assertEquals(before, MixedPrecision.fp32().convert(read).toJson());
    assertEquals(dfp, MultiLayerConfiguration.fromYaml(dfp.toYaml()));
  }

  static Stream<ComputationGraphConfiguration> graphs() {
    return Stream.of(Nets.graph(), Nets.graph(everySetting()));
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void aGraphComesBackAsItWas(ComputationGraphConfiguration conf) {
    conf.setIterationCount(17);
    conf.setEpochCount(3);
    String before = conf.toJson();
    ComputationGraphConfiguration dfp = MixedPrecision.dfp16().convert(conf);
    assertEquals(before, conf.toJson(), "the argument is not modified");
    assertEquals(before, MixedPrecision.fp32().convert(dfp).toJson());
    ComputationGraphConfiguration read = ComputationGraphConfiguration.fromJson(dfp.toJson());
    assertEquals(dfp.toJson(), read.toJson());
    assertEquals(before, MixedPrecision.fp32().convert(read).toJson());
    assertEquals(17, dfp.getIterationCount());
  }

  @Test
  void theCopySharesNoMutableSetting() {
    MultiLayerConfiguration conf = Nets.chain(everySetting());
    MultiLayerConfiguration dfp = MixedPrecision.dfp16().convert(conf);
    for (int i = 0; i < conf.getConfs().size(); i++) {
      Layer from = conf.getConf(i).getLayer();
      Layer to = dfp.getConf(i).getLayer();
      if (from instanceof BaseLayer a && to instanceof BaseLayer b) {
        assertNotSame(a.getIUpdater(), b.getIUpdater());
        assertNotSame(a.getBiasUpdater(), b.getBiasUpdater());
        assertNotSame(a.getIDropout(), b.getIDropout());
        assertNotSame(a.getConstraints().get(0), b.getConstraints().get(0));
        assertNotSame(a.getRegularization().get(0), b.getRegularization().get(0));
      }
      if (from instanceof ConvolutionLayer a && to instanceof ConvolutionLayer b) {
        assertNotSame(a.getDilation(), b.getDilation());
        assertNotSame(a.getKernelSize(), b.getKernelSize());
      }
    }
  }

  @Test
  void convolution2dComesBackAsItself() {
    MultiLayerConfiguration conf = Nets.chain();
    Convolution2D twin = new Convolution2D();
    ConvolutionLayer first = (ConvolutionLayer) conf.getConf(0).getLayer();
    twin.setLayerName("conv1");
    twin.setKernelSize(first.getKernelSize());
    twin.setStride(first.getStride());
    twin.setPadding(first.getPadding());
    twin.setNIn(first.getNIn());
    twin.setNOut(first.getNOut());
    twin.setActivationFn(first.getActivationFn());
    twin.setWeightInitFn(first.getWeightInitFn());
    twin.setIUpdater(first.getIUpdater());
    conf.getConf(0).setLayer(twin);
    MultiLayerConfiguration dfp = MixedPrecision.dfp16().convert(conf);
    assertSame(Dfp16Convolution2D.class, dfp.getConf(0).getLayer().getClass());
    assertSame(Dfp16Convolution.class, dfp.getConf(2).getLayer().getClass());
    MultiLayerConfiguration read = MultiLayerConfiguration.fromJson(dfp.toJson());
    assertEquals(conf.toJson(), MixedPrecision.fp32().convert(read).toJson());
    MultiLayerNetwork net = new MultiLayerNetwork(read);
    net.init();
    net.fit(data);
    assertTrue(Double.isFinite(net.score()));
  }

  @Test
  void aTrainedChainKeepsItsState() throws IOException {
    MultiLayerNetwork fp32 = new MultiLayerNetwork(Nets.chain(Nets.defaults(new Adam(0.01))));
    fp32.init();
    fp32.fit(data);
    fp32.fit(data);
    fp32.setEpochCount(5);
    INDArray params = fp32.params().dup();
    MultiLayerNetwork dfp = MixedPrecision.dfp16().convert(fp32);
    assertSameBits(params, dfp.params());
    assertSameBits(fp32.getUpdater().getStateViewArray(), dfp.getUpdater().getStateViewArray());
    assertEquals(2, dfp.getIterationCount());
    assertEquals(5, dfp.getEpochCount());
    dfp.fit(data);
    assertSameBits(params, fp32.params(), "the argument is not modified");
    assertEquals(2, fp32.getIterationCount());
    assertSameFuture(dfp, dfp.clone());
    assertSameFuture(dfp, reload(dfp));
    MultiLayerNetwork stock = MixedPrecision.fp32().convert(dfp);
    assertSameBits(dfp.params(), stock.params());
    assertEquals(3, stock.getIterationCount());
    NetworkUtils.setLearningRate(dfp, 0.5);
    assertEquals(0.01, NetworkUtils.getLearningRate(fp32, 0));
    assertEquals(0.01, NetworkUtils.getLearningRate(stock, 0));
  }

  @Test
  void aTrainedGraphKeepsItsState() throws IOException {
    ComputationGraph fp32 = new ComputationGraph(Nets.graph(Nets.defaults(new Adam(0.01))));
    fp32.init();
    fp32.fit(data);
    fp32.fit(data);
    fp32.getConfiguration().setEpochCount(5);
    INDArray params = fp32.params().dup();
    ComputationGraph dfp = MixedPrecision.dfp16().convert(fp32);
    assertSameBits(params, dfp.params());
    assertSameBits(fp32.getUpdater().getStateViewArray(), dfp.getUpdater().getStateViewArray());
    assertEquals(2, dfp.getIterationCount());
    assertEquals(5, dfp.getEpochCount());
    dfp.fit(data);
    assertSameBits(params, fp32.params(), "the argument is not modified");
    // DL4J's clone of a graph forgets the counts.
    ComputationGraph clone = dfp.clone();
    clone.getConfiguration().setIterationCount(dfp.getIterationCount());
    assertSameFuture(dfp, clone);
    assertSameFuture(dfp, reload(dfp));
    ComputationGraph stock = MixedPrecision.fp32().convert(dfp);
    assertSameBits(dfp.params(), stock.params());
    assertEquals(dfp.getIterationCount(), stock.getIterationCount());
  }

  @TempDir private Path folder;

  @SuppressWarnings("unchecked")
  private <M extends Model> M reload(M model) throws IOException {
    File file = folder.resolve("model.zip").toFile();
    ModelSerializer.writeModel(model, file, true);
    return (M)
        (model instanceof ComputationGraph
            ? ModelSerializer.restoreComputationGraph(file, true)
            : ModelSerializer.restoreMultiLayerNetwork(file, true));
  }

  /** Both run in DFP-16 and one more step gives the same bits. */
  private void assertSameFuture(Model expected, Model actual) {
    Model original = expected;
    if (expected instanceof ComputationGraph a && actual instanceof ComputationGraph b) {
      assertTrue(b.getLayer("stem").conf().getLayer() instanceof Dfp16Layer);
      original = MixedPrecision.dfp16().convert(a);
      ((ComputationGraph) original).fit(data);
      b.fit(data);
    } else if (expected instanceof MultiLayerNetwork a && actual instanceof MultiLayerNetwork b) {
      assertTrue(b.getLayer(0).conf().getLayer() instanceof Dfp16Layer);
      original = MixedPrecision.dfp16().convert(a);
      ((MultiLayerNetwork) original).fit(data);
      b.fit(data);
    }
    assertSameBits(original.params(), actual.params());
  }

  @Test
  void theFlagGivesTheConvertedConfiguration() {
    ConvolutionLayer conv = new ConvolutionLayer.Builder(3, 3).nOut(6).build();
    OutputLayer output = new OutputLayer.Builder().nOut(4).build();
    InputType input = InputType.convolutional(8, 8, 3);
    MultiLayerConfiguration stock =
        everySetting().list().layer(conv.clone()).layer(output.clone()).setInputType(input).build();
    MultiLayerConfiguration flagged =
        everySetting()
            .list()
            .layer(Dfp16.layer(conv))
            .layer(Dfp16.layer(output))
            .setInputType(input)
            .build();
    assertEquals(MixedPrecision.dfp16().convert(stock).toJson(), flagged.toJson());
  }

  @Test
  void otherDataTypesStayAsTheyAre() {
    MultiLayerConfiguration conf =
        Nets.chain(Nets.defaults(new Sgd(0.1)).dataType(DataType.DOUBLE));
    ConversionReport plan = MixedPrecision.dfp16().plan(conf);
    assertEquals(0, plan.count(ConversionReport.Decision.SWAPPED));
    assertEquals("data type DOUBLE; DFP-16 reads FLOAT", plan.layers().get(0).reason());
    assertEquals(conf.toJson(), MixedPrecision.dfp16().convert(conf).toJson());
    conf.getConf(0).setLayer(Dfp16.layer(conf.getConf(0).getLayer()));
    MultiLayerNetwork net = new MultiLayerNetwork(conf);
    Exception e = assertThrows(IllegalArgumentException.class, net::init);
    assertEquals(
        "dataType: expected FLOAT, got DOUBLE (layer conv1); DFP-16 reads FP32", e.getMessage());
  }

  @Test
  void aNetworkWithoutParametersIsRefused() {
    MultiLayerNetwork chain = new MultiLayerNetwork(Nets.chain());
    MixedPrecision dfp16 = MixedPrecision.dfp16();
    assertThrows(IllegalArgumentException.class, () -> dfp16.convert(chain));
    ComputationGraph graph = new ComputationGraph(Nets.graph());
    assertThrows(IllegalArgumentException.class, () -> dfp16.convert(graph));
    assertFalse(chain.isInitCalled(), "the argument is not modified");
  }
}
