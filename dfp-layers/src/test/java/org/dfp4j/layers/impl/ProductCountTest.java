package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.MixedPrecision;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.dataset.DataSet;

/** How often a layer quantizes and multiplies. */
class ProductCountTest {

  private static final String ONCE_EACH = "[1, 1, 1] | 1 1 1";
  private static final String WITHOUT_INPUT_GRADIENT = "[1, 1, 1] | 1 0 1";
  // Two of the products quantize the weights.
  private static final String DENSE_ONCE_EACH = "[1, 2, 1] | 1 1 1";
  private static final String WEIGHTS_ONLY = "[0, 1, 0]";
  private static final String NONE = "[0, 0, 0]";

  private final Map<String, CountingKernels> counters = new LinkedHashMap<>();
  private final Set<String> convolutions = new HashSet<>();

  private void watch(Layer... layers) {
    for (Layer layer : layers) {
      if (layer instanceof Dfp16Impl) {
        String name = layer.conf().getLayer().getLayerName();
        counters.put(name, new CountingKernels(KernelProvider.kernels()).watch(layer));
        if (layer instanceof ConvolutionImpl) {
          convolutions.add(name);
        }
      }
    }
  }

  /** Weights stay packed in convolutions only. */
  private void assertAll(String convolution, String dense) {
    assertTrue(!convolutions.isEmpty() && convolutions.size() < counters.size());
    counters.forEach(
        (name, counter) -> {
          boolean isConvolution = convolutions.contains(name);
          assertEquals(isConvolution ? convolution : dense, counter.counts(), name);
          assertEquals(isConvolution ? WEIGHTS_ONLY : NONE, counter.open(), name + ": open packs");
          counter.reset();
        });
  }

  @Test
  void everyProductOfAChainRunsOnceAnIteration() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    watch(net.getLayers());
    assertEquals(4, counters.size());
    DataSet data = Nets.images(5, Nets.SEED);
    for (int i = 0; i < 3; i++) {
      net.fit(data);
      assertAll(ONCE_EACH, DENSE_ONCE_EACH);
    }
    // Weights have changed; once packed they serve again.
    net.output(data.getFeatures());
    assertAll("[1, 1, 0] | 1 0 0", "[1, 1, 0] | 1 0 0");
    net.output(data.getFeatures());
    assertAll("[1, 0, 0] | 1 0 0", "[1, 1, 0] | 1 0 0");
    net.feedForward(data.getFeatures(), true);
    net.clear();
    assertAll("[1, 0, 0] | 1 0 0", "[1, 1, 0] | 1 0 0");
  }

  @Test
  void theLastExponentIsTheNextGuess() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    watch(net.getLayers());
    DataSet data = Nets.images(5, Nets.SEED);
    net.fit(data);
    counters.forEach(
        (name, counter) -> assertEquals(OptionalInt.empty(), counter.guess(TensorRole.SRC), name));
    Map<String, Integer> exponents = exponents(net, TensorRole.SRC);
    net.fit(Nets.images(5, Nets.SEED + 1));
    exponents.forEach(
        (name, exponent) ->
            assertEquals(OptionalInt.of(exponent), counters.get(name).guess(TensorRole.SRC), name));
  }

  /** Convolutions get it from the rectifier that they end with, others from the last iteration. */
  @Test
  void theExponentOfAGradientMayBeKnown() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    watch(net.getLayers());
    Map<String, Integer> before = Map.of();
    for (int i = 0; i < 3; i++) {
      net.fit(Nets.images(5, Nets.SEED + i));
      Map<String, Integer> exponents = exponents(net, TensorRole.DIFF_DST);
      for (Map.Entry<String, CountingKernels> counter : counters.entrySet()) {
        String name = counter.getKey();
        Integer expected = (convolutions.contains(name) ? exponents : before).get(name);
        assertEquals(
            expected == null ? OptionalInt.empty() : OptionalInt.of(expected),
            counter.getValue().guess(TensorRole.DIFF_DST),
            name + ", iteration " + i);
      }
      before = exponents;
    }
  }

  private static Map<String, Integer> exponents(MultiLayerNetwork net, TensorRole role) {
    Map<String, Integer> exponents = new LinkedHashMap<>();
    for (Layer layer : net.getLayers()) {
      if (layer instanceof Dfp16Impl dfp) {
        exponents.put(layer.conf().getLayer().getLayerName(), dfp.numerics().get(role).exponent());
      }
    }
    return exponents;
  }

  @Test
  void everyProductOfAGraphRunsOnceAnIteration() {
    ComputationGraph net = new ComputationGraph(MixedPrecision.dfp16().convert(Nets.graph()));
    net.init();
    watch(net.getLayers());
    CountingKernels stem = counters.remove("stem");
    assertEquals(4, counters.size());
    DataSet data = Nets.images(5, Nets.SEED);
    for (int i = 0; i < 3; i++) {
      net.fit(data);
      assertEquals(WITHOUT_INPUT_GRADIENT, stem.counts());
      stem.reset();
      assertAll(ONCE_EACH, DENSE_ONCE_EACH);
    }
    net.outputSingle(data.getFeatures());
    assertAll("[1, 1, 0] | 1 0 0", "[1, 1, 0] | 1 0 0");
  }
}
