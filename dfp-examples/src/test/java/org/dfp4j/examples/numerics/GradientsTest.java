package org.dfp4j.examples.numerics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Conversion;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Gradients of LeNet on drawn images, without jumps, so that the formats decide the errors. */
class GradientsTest {

  private static final RunSettings LENET =
      new RunSettings("lenet", RunSettings.SYNTHETIC, 28, 8, 1, "adam", 0.001);

  private static final StringBuilder TEXT = new StringBuilder();

  private static GradientReport report;

  @BeforeAll
  static void measure() {
    GradientSettings settings =
        new GradientSettings(List.of(LENET), List.of(0, 2), Conversion.DFP16, true, true);
    TEXT.append(GradientTable.header(true));
    report =
        new Gradients(settings)
            .run(Progress.SILENT, run -> TEXT.append(GradientTable.of(run, true)));
  }

  private static GradientResult result(GradientRun run, String arithmetic) {
    return run.results().stream()
        .filter(result -> result.arithmetic().equals(arithmetic))
        .findFirst()
        .orElseThrow();
  }

  /** Steps of the formats: 2^-24; about 2^-12 of a normal value for the largest; 2^-9. */
  @Test
  void errorsAreThoseOfTheFormats() {
    for (GradientRun run : report.runs()) {
      for (LayerGradient layer : result(run, "FP32").withParameters()) {
        assertTrue(layer.relativeError() < 1e-5, "FP32 " + layer);
      }
      for (LayerGradient layer : result(run, "DFP-16").withParameters()) {
        assertTrue(layer.relativeError() > 1e-6 && layer.relativeError() < 1e-3, "DFP-16 " + layer);
        assertTrue(layer.cosine() > 1 - 1e-6, "DFP-16 " + layer);
        assertTrue(layer.activationError() < 1e-3, "DFP-16 " + layer);
      }
      for (LayerGradient layer : result(run, "BF16").withParameters()) {
        assertTrue(layer.relativeError() > 1e-4 && layer.relativeError() < 0.1, "BF16 " + layer);
      }
    }
  }

  @Test
  void oneProductAloneIsCloserThanAllThree() {
    for (GradientRun run : report.runs()) {
      double all = result(run, "DFP-16").relativeError();
      for (Product product : Product.values()) {
        double one = result(run, "DFP-16 " + product.title() + " only").relativeError();
        assertTrue(one > 1e-6 && one < all, product + ": " + one + " of " + all);
      }
    }
  }

  @Test
  void anotherBatchGivesAnotherGradient() {
    for (GradientRun run : report.runs()) {
      assertTrue(result(run, "FP64, next batch").relativeError() > 0.1);
    }
    assertNotEquals(report.runs().get(0).score(), report.runs().get(1).score());
  }

  @Test
  void theTableNamesEachLayer() {
    String text = TEXT.toString();
    for (String word :
        List.of("cnn1", "cnn2", "ffn1", "output", "whole network", "after 2 iter", "Softplus")) {
      assertTrue(text.contains(word), text);
    }
    assertEquals(2, report.runs().size());
  }

  @Test
  void iterationsMustRise() {
    assertEquals(
        "--iterations: expected rising numbers >= 0, got [5, 5]",
        assertThrows(
                UsageException.class,
                () ->
                    new GradientSettings(
                        List.of(LENET), List.of(5, 5), Conversion.DFP16, false, false))
            .getMessage());
  }
}
