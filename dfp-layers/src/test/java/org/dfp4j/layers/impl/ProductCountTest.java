package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
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
  private static final String WEIGHTS_ONLY = "[0, 1, 0]";

  private final Map<String, CountingKernels> counters = new LinkedHashMap<>();

  private void watch(Layer... layers) {
    for (Layer layer : layers) {
      if (layer instanceof Dfp16Impl) {
        counters.put(
            layer.conf().getLayer().getLayerName(),
            new CountingKernels(KernelProvider.kernels()).watch(layer));
      }
    }
  }

  private void assertAll(String counts, String open) {
    counters.forEach(
        (name, counter) -> {
          assertEquals(counts, counter.counts(), name);
          assertEquals(open, counter.open(), name + ": open packs");
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
      assertAll(ONCE_EACH, WEIGHTS_ONLY);
    }
    // Weights have changed; once packed they serve again.
    net.output(data.getFeatures());
    assertAll("[1, 1, 0] | 1 0 0", WEIGHTS_ONLY);
    net.output(data.getFeatures());
    assertAll("[1, 0, 0] | 1 0 0", WEIGHTS_ONLY);
    net.feedForward(data.getFeatures(), true);
    net.clear();
    assertAll("[1, 0, 0] | 1 0 0", WEIGHTS_ONLY);
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
    Map<String, Integer> exponents = new LinkedHashMap<>();
    for (Layer layer : net.getLayers()) {
      if (layer instanceof Dfp16Impl dfp) {
        exponents.put(
            layer.conf().getLayer().getLayerName(),
            dfp.numerics().get(TensorRole.DIFF_DST).exponent());
      }
    }
    net.fit(data);
    exponents.forEach(
        (name, exponent) ->
            assertEquals(
                OptionalInt.of(exponent), counters.get(name).guess(TensorRole.DIFF_DST), name));
  }

  @Test
  void everyProductOfAGraphRunsOnceAnIteration() {
    ComputationGraph net = new ComputationGraph(MixedPrecision.dfp16().convert(Nets.graph()));
    net.init();
    watch(net.getLayers());
    assertEquals(5, counters.size());
    DataSet data = Nets.images(5, Nets.SEED);
    for (int i = 0; i < 3; i++) {
      net.fit(data);
      assertAll(ONCE_EACH, WEIGHTS_ONLY);
    }
    net.outputSingle(data.getFeatures());
    assertAll("[1, 1, 0] | 1 0 0", WEIGHTS_ONLY);
  }
}
