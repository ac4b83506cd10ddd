package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.NonFiniteTensorException;
import org.dfp4j.layers.PrecisionPolicy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.slf4j.LoggerFactory;

/** NaN and infinity in the operands of a product. */
class BadNumbersTest {

  private static MultiLayerNetwork net(PrecisionPolicy policy) {
    MultiLayerNetwork net =
        new MultiLayerNetwork(MixedPrecision.of(policy).convert(Nets.chain()));
    net.init();
    return net;
  }

  private static boolean allNan(INDArray x) {
    for (float value : x.dup('c').data().asFloat()) {
      if (!Float.isNaN(value)) {
        return false;
      }
    }
    return true;
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void oneBadInputMakesEveryActivationNan(float bad) {
    MultiLayerNetwork net = net(PrecisionPolicy.DFP16);
    INDArray input = Nets.images(3, Nets.SEED).getFeatures();
    input.putScalar(new int[] {1, 0, 2, 2}, bad);
    // ReLU turns NaN into zero; the layer does not.
    assertTrue(allNan(net.feedForwardToLayer(0, input, false).get(1)), "convolution");
    TensorNumerics src = ((Dfp16Impl) net.getLayer(0)).numerics().get(TensorRole.SRC);
    assertFalse(src.finite());
    assertEquals(1, src.nonFinite());
    // No pooling here: DL4J's max pooling turns NaN into a number.
    ComputationGraph graph = new ComputationGraph(MixedPrecision.dfp16().convert(Nets.graph()));
    graph.init();
    assertTrue(allNan(graph.outputSingle(input)), "output");
  }

  @Test
  void badWeightsMakeScoreAndGradientsNan() {
    MultiLayerNetwork net = net(PrecisionPolicy.DFP16);
    net.getLayer(3).getParam("W").putScalar(0, 0, Float.NaN);
    DataSet data = Nets.images(3, Nets.SEED);
    net.fit(data);
    assertTrue(Double.isNaN(net.score()), "score " + net.score());
    assertTrue(allNan(net.getGradientsViewArray()), "gradients");
  }

  @Test
  void anEventIsLoggedOnceALayerAndTensor() {
    Logger logger = (Logger) LoggerFactory.getLogger(Operands.class);
    ListAppender<ILoggingEvent> appender = new ListAppender<>();
    appender.start();
    logger.addAppender(appender);
    try {
      MultiLayerNetwork net = net(PrecisionPolicy.DFP16);
      INDArray input = Nets.images(3, Nets.SEED).getFeatures();
      input.putScalar(0, Float.NaN);
      net.output(input);
      net.output(input);
      List<String> lines =
          appender.list.stream()
              .map(ILoggingEvent::getFormattedMessage)
              .filter(line -> line.contains("conv1"))
              .toList();
      assertEquals(
          List.of(
              "src: expected finite values, got a NaN or an infinity (layer conv1, iteration 0);"
              + " the products with it are NaN; not logged again"),
          lines);
    } finally {
      logger.detachAppender(appender);
    }
  }

  @Test
  void strictModeThrows() {
    MultiLayerNetwork net = net(PrecisionPolicy.builder().strict(true).build());
    DataSet data = Nets.images(3, Nets.SEED);
    net.fit(data);
    net.fit(data);
    data.getFeatures().putScalar(0, Float.POSITIVE_INFINITY);
    NonFiniteTensorException e =
        assertThrows(NonFiniteTensorException.class, () -> net.fit(data));
    assertEquals(
        "src: expected finite values, got a NaN or an infinity (layer conv1, iteration 2)",
        e.getMessage());
    assertEquals(TensorRole.SRC, e.role());
    data.getFeatures().putScalar(0, 0);
    net.fit(data);
    assertTrue(Double.isFinite(net.score()), "trains on after the exception");
  }
}
