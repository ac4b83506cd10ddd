package org.dfp4j.examples.numerics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.bench.LayerKind;
import org.dfp4j.examples.bench.ShapeList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The fidelity of a small layer, against what the formats promise. */
class FidelityTest {

  private static final double BIT = 20 * Math.log10(2);
  private static final List<String> VALUES =
      List.of("gaussian", "t2", "outlier6", "outlier10", "outlier11");

  private static FidelityReport report;

  @BeforeAll
  static void measure(@TempDir Path folder) throws IOException {
    Path shapes = Files.writeString(folder.resolve("shapes"), "small ic16 ih14 oc16 kh3 ph1\n");
    FidelitySettings settings =
        new FidelitySettings(
            ShapeList.of(LayerKind.CONVOLUTION, "--model", shapes.toString()),
            2,
            VALUES,
            "outlier10",
            1,
            7);
    report = new Fidelity(settings).run(Progress.SILENT);
  }

  private static Closeness closeness(
      List<FidelityRow> rows, String values, Product product, String arithmetic) {
    return rows.stream()
        .filter(
            row ->
                row.values().equals(values)
                    && row.product() == product
                    && row.arithmetic().equals(arithmetic))
        .findFirst()
        .orElseThrow()
        .closeness();
  }

  private static double typical(String values, Product product, String arithmetic) {
    return closeness(report.formats(), values, product, arithmetic).typicalSnr();
  }

  /**
   * Rounding to a step s makes noise of power s²/12. The largest of some thousand normal values is
   * from 2 to 4 or from 4 to 8, so that s is 2^-13 or 2^-12, and two operands add 3 dB.
   */
  @Test
  void normalValuesKeepWhatTheFormatPromises() {
    for (Product product : Product.values()) {
      double dfp16 = closeness(report.formats(), "gaussian", product, "DFP-16").snr();
      double lower = 10 * Math.log10(12) + 12 * BIT - 10 * Math.log10(2);
      assertTrue(dfp16 > lower - 1 && dfp16 < lower + BIT + 1, product + ": " + dfp16);
      double paper = closeness(report.formats(), "gaussian", product, "PAPER").snr();
      assertEquals(dfp16 - 2 * BIT, paper, 1, product + ", 2 bits less");
      double bf16 = closeness(report.formats(), "gaussian", product, "BF16").snr();
      assertTrue(bf16 > 49 && bf16 < 56, product + ", 8 bits, the last one rounded: " + bf16);
      assertTrue(
          typical("gaussian", product, "FP32") > dfp16 + 40, product + ", FP32 keeps 24 bits");
    }
  }

  @Test
  void aLargeValueCostsTheOthersABitForEachPowerOfTwo() {
    for (Product product : Product.values()) {
      double lost =
          typical("outlier10", product, "DFP-16") - typical("outlier11", product, "DFP-16");
      assertEquals(BIT, lost, 1.5, product.title());
      assertEquals(
          typical("gaussian", product, "BF16"), typical("outlier10", product, "BF16"), 1.5);
      assertTrue(
          typical("outlier6", product, "DFP-16") > typical("outlier6", product, "BF16"),
          product.title());
      assertTrue(
          typical("outlier10", product, "DFP-16") < typical("outlier10", product, "BF16"),
          product.title());
    }
  }

  /** A product that a policy keeps in FP32 has DL4J's result. */
  @Test
  void policiesChangeTheProductsThatTheyName() {
    ConvShape shape = new ConvShape(1, 3, 8, 8, 4, 8, 8, 3, 3, 1, 1, 1, 1, 1, 1);
    ProbedLayer layer =
        new ProbedLayer(shape, Values.byKey("values", "outlier12"), new SplittableRandom(3));
    var fp32 = layer.run(Arithmetic.FP32);
    var dfp16 = layer.run(Arithmetic.DFP16);
    Map.of(
            "forward(false)", Product.FORWARD,
            "backwardData(false)", Product.BACKWARD_DATA,
            "backwardWeights(false)", Product.BACKWARD_WEIGHTS)
        .forEach(
            (name, kept) -> {
              var result = layer.run(policy(name));
              for (Product product : Product.values()) {
                assertArrayEquals(
                    (product == kept ? fp32 : dfp16).get(product),
                    result.get(product),
                    name + ", " + product);
              }
            });
  }

  private static Arithmetic policy(String name) {
    return Arithmetic.POLICIES.stream()
        .filter(policy -> policy.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void theReportHasARowForEverything() {
    assertEquals(
        VALUES.size() * Arithmetic.FORMATS.size() * Product.values().length,
        report.formats().size());
    assertEquals(Arithmetic.POLICIES.size() * Product.values().length, report.policies().size());
    String text = FidelityTable.of(report);
    assertTrue(
        text.contains("small forward: DFP-16 is further off than BF16 from an outlier of 2^10 σ"),
        text);
  }

  @Test
  void drawsRepeatAndHoldTheOutlierOnce() {
    Values values = Values.byKey("values", "outlier10");
    float[] drawn = values.draw(new SplittableRandom(5), TensorRole.SRC, 1000);
    assertArrayEquals(drawn, values.draw(new SplittableRandom(5), TensorRole.SRC, 1000));
    int large = 0;
    for (float value : drawn) {
      large += value == 1024 ? 1 : 0;
    }
    assertEquals(1, large);
    float[] weights = values.draw(new SplittableRandom(5), TensorRole.WEIGHTS, 1000);
    for (float value : weights) {
      assertTrue(Math.abs(value) < 8, "weights are normal: " + value);
    }
  }

  @Test
  void unevenPaddingIsRefused() {
    ConvShape uneven = new ConvShape(1, 1, 4, 4, 1, 4, 4, 2, 2, 1, 1, 0, 0, 1, 1);
    assertTrue(
        assertThrows(UsageException.class, () -> ProbedLayer.conf(uneven))
            .getMessage()
            .startsWith("--model: expected shapes with as much padding below as above, got "));
  }
}
