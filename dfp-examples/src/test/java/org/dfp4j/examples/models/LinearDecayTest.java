package org.dfp4j.examples.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.dfp4j.examples.RunSettings;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.learning.config.IUpdater;

/** The learning rate of comparisons and studies. */
class LinearDecayTest {

  @Test
  void fallsToZero() {
    LinearDecay decay = new LinearDecay(0.8, 4);
    assertEquals(0.8, decay.valueAt(0, 7));
    assertEquals(0.6, decay.valueAt(1, 0), 1e-15);
    assertEquals(0.2, decay.valueAt(3, 0), 1e-15);
    assertEquals(0, decay.valueAt(4, 0));
    assertEquals(0, decay.valueAt(9, 0));
  }

  @Test
  void needsARateAndALength() {
    assertThrows(IllegalArgumentException.class, () -> new LinearDecay(0, 4));
    assertThrows(IllegalArgumentException.class, () -> new LinearDecay(0.1, 0));
  }

  /** The zoo's AlexNet has an updater of its own for the biases. */
  @Test
  void appliesToWeightsAndBiasesAndSurvivesSavingAndConverting() {
    RunSettings settings = new RunSettings("alexnet", "synthetic", 47, 4, 1, "adam", 0.001);
    Architecture fp32 = settings.architecture(10);
    LinearDecay.apply(fp32, 100);
    Architecture dfp16 = Conversion.DFP16.toDfp16(fp32);
    for (Architecture architecture : new Architecture[] {fp32, dfp16}) {
      MultiLayerConfiguration saved =
          MultiLayerConfiguration.fromJson(
              ((Architecture.Layers) architecture).configuration().toJson());
      assertEquals(8, rates(saved, BaseLayer::getIUpdater, 0.0005));
      assertEquals(8, rates(saved, BaseLayer::getBiasUpdater, 0.01));
    }
  }

  private interface Updater {
    IUpdater of(BaseLayer layer);
  }

  /** Layers whose rate is this one halfway. */
  private static long rates(MultiLayerConfiguration saved, Updater updater, double rate) {
    return saved.getConfs().stream()
        .map(NeuralNetConfiguration::getLayer)
        .flatMap(layer -> layer instanceof BaseLayer base ? Stream.of(base) : Stream.empty())
        .filter(layer -> updater.of(layer).getLearningRate(50, 0) == rate)
        .count();
  }
}
