package org.dfp4j.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Two networks side by side. */
class ComparisonTest {

  private static RunSettings settings(String model, int size) {
    return new RunSettings(model, RunSettings.SYNTHETIC, size, 8, 5, "adam", 0.001);
  }

  private static Comparison comparison(RunSettings settings, Conversion conversion) {
    ImageData data = settings.open();
    Network fp32 = settings.newNetwork(data.labels().size());
    return new Comparison(settings, data, fp32, conversion.toDfp16(fp32));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lenet", "simplecnn"})
  void isTheSameEachTime(String model) {
    RunSettings settings = settings(model, 28);
    Comparison a = comparison(settings, Conversion.DFP16);
    Comparison b = comparison(settings, Conversion.DFP16);
    a.train(4, () -> false, Progress.SILENT);
    b.train(4, () -> false, Progress.SILENT);
    assertEquals(a.fp32().scores(), b.fp32().scores());
    assertEquals(a.dfp16().scores(), b.dfp16().scores());
  }

  @ParameterizedTest
  @EnumSource(Conversion.class)
  void startsAtTheSameScoreButForRounding(Conversion conversion) {
    Comparison comparison = comparison(settings("lenet", 28), conversion);
    comparison.train(1, () -> false, Progress.SILENT);
    double fp32 = comparison.fp32().scores().get(0);
    double dfp16 = comparison.dfp16().scores().get(0);
    // Each operand is off by at most 2^-13 of its largest value; a score of 2.3 by some of that.
    assertEquals(fp32, dfp16, 0.01);
    assertFalse(fp32 == dfp16, "DFP-16 gave the bits of FP32: " + fp32);
  }

  @Test
  void trainingFp32AgainstItselfGivesTheSameScores() {
    RunSettings settings = settings("simplecnn", 16);
    ImageData data = settings.open();
    Network fp32 = settings.newNetwork(data.labels().size());
    Comparison comparison = new Comparison(settings, data, fp32, Conversion.toFp32(fp32));
    comparison.train(4, () -> false, Progress.SILENT);
    assertEquals(comparison.fp32().scores(), comparison.dfp16().scores());
  }

  @Test
  void stopsAfterTheIterationThatRuns() {
    Comparison comparison = comparison(settings("lenet", 28), Conversion.DFP16);
    AtomicInteger steps = new AtomicInteger();
    Progress counting =
        new Progress() {
          @Override
          public void step(String message) {
            assertTrue(message.matches("FP32 \\d\\.\\d{3}, DFP-16 \\d\\.\\d{3}"), message);
            steps.incrementAndGet();
          }

          @Override
          public void close() {
            throw new AssertionError("closed by somebody who did not open it");
          }
        };
    comparison.train(100, () -> steps.get() == 2, counting);
    assertEquals(2, comparison.fp32().scores().size());
    assertEquals(2, comparison.dfp16().scores().size());
  }

  @Test
  void otherInitialWeightsAreRefused() {
    RunSettings settings = settings("lenet", 28);
    ImageData data = settings.open();
    Network a = settings.newNetwork(10);
    Network b = new RunSettings("lenet", "synthetic", 28, 8, 6, "adam", 0.001).newNetwork(10);
    assertThrows(IllegalArgumentException.class, () -> new Comparison(settings, data, a, b));
  }

  @Test
  void segmentationIsMeasuredByPixels() {
    Comparison comparison = comparison(settings("unet", 16), Conversion.DFP16);
    comparison.train(2, () -> false, Progress.SILENT);
    comparison.evaluate(8);
    double accuracy = comparison.dfp16().accuracy();
    assertTrue(accuracy > 0 && accuracy <= 1, "accuracy " + accuracy);
  }
}
