package org.dfp4j.examples.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.dfp4j.examples.models.Precision;
import org.junit.jupiter.api.Test;

/** What runs come to, against numbers computed by hand. */
class StudyResultTest {

  private static final RunRecord FP32_1 =
      Runs.run(1, Precision.FP32, "1110000000", 0.1, 0.27, 0.29, 0.3);
  private static final RunRecord DFP16_1 =
      Runs.run(1, Precision.DFP16, "1111010000", 0.1, 0.2, 0.28, 0.5);
  private static final RunRecord FP32_2 =
      Runs.run(2, Precision.FP32, "1111000000", 0.2, 0.4, 0.4, 0.4);
  private static final RunRecord DFP16_2 =
      Runs.run(2, Precision.DFP16, "0000111100", 0.2, 0.3, 0.3, 0.38);

  @Test
  void twoSeeds() {
    StudyResult result = StudyResult.of(List.of(DFP16_2, DFP16_1, FP32_1, FP32_2));
    ModelResult model = result.models().get(0);
    assertEquals(1, result.models().size());
    assertEquals(0.35, model.fp32().accuracy().mean(), 1e-12);
    assertEquals(Math.sqrt(0.005), model.fp32().accuracy().deviation(), 1e-12);
    assertEquals(0.44, model.dfp16().accuracy().mean(), 1e-12);
    assertEquals(0.25, model.dfp16().loss().mean(), 1e-12);
    assertEquals(0.5, model.dfp16().secondsAnIteration(), 1e-12);
    // From the images that each network classifies right: 5 and 3 of ten, 4 and 4.
    assertEquals(PairedDifference.ofSeeds(0.2, 0), model.difference());
    assertEquals(List.of(1L, 2L), model.seeds().stream().map(s -> s.seed()).toList());
    assertEquals(PairedDifference.ofImages(0, 2, 10), model.seeds().get(0).difference());
    assertEquals(4, model.seeds().get(1).onlyFp32());
    assertEquals(4, model.seeds().get(1).onlyDfp16());
  }

  @Test
  void iterationsToShareOfTheBestOfFp32() {
    assertEquals(OptionalInt.of(32), Curves.iterationsTo(0.27, FP32_1));
    assertEquals(OptionalInt.empty(), Curves.iterationsTo(0.31, FP32_1));
    List<Twins> twins = List.of(new Twins(FP32_1, DFP16_1), new Twins(FP32_2, DFP16_2));
    // Seed 1 needs 0.27, seed 2 needs 0.36.
    assertEquals(new Reached(0.9, 32.0, 56.0, 2, 2), Reached.of(0.9, twins));
    // Seed 1 needs 0.297, seed 2 needs 0.396, which its DFP-16 network never has.
    assertEquals(new Reached(0.99, 48.0, 64.0, 2, 1), Reached.of(0.99, twins));
  }

  @Test
  void riseAtTheEnd() {
    assertEquals((0.3 + 0.29 - 0.27 - 0.1) / 2, Curves.rise(FP32_1), 1e-12);
    assertTrue(Double.isNaN(Curves.rise(Runs.run(1, Precision.FP32, "1", 0.1, 0.2, 0.3))));
    PrecisionResult rising = PrecisionResult.of(List.of(FP32_1));
    assertEquals(0.11, rising.rise(), 1e-12);
    // The standard error of 0.3 is 0.1449 of 10 images and 0.0458 of 100.
    assertTrue(rising.settled(10));
    assertFalse(rising.settled(100));
    RunRecord shortRun = Runs.run(1, Precision.FP32, "1", 0.1, 0.2, 0.3);
    assertNull(PrecisionResult.of(List.of(shortRun)).rise());
    assertFalse(PrecisionResult.of(List.of(shortRun)).settled(1));
  }

  @Test
  void conclusionOfOneSeedIsOverImages() {
    String same = StudyResult.of(List.of(FP32_1, DFP16_1)).models().get(0).conclusion();
    assertEquals(
        "lenet: DFP-16 is not distinguishable from FP32: +20.00 points (95 % confidence -14.61 to"
            + " +47.94, over 10 images).",
        same);
    String ones = "1".repeat(50);
    String zeros = "0".repeat(50);
    RunRecord bad = Runs.run(1, Precision.FP32, zeros, 0);
    RunRecord good = Runs.run(1, Precision.DFP16, ones, 1);
    String more = StudyResult.of(List.of(bad, good)).models().get(0).conclusion();
    assertTrue(more.startsWith("lenet: DFP-16 is more accurate than FP32: +100.00 points"), more);
    RunRecord fp32 = Runs.run(1, Precision.FP32, ones, 1);
    RunRecord dfp16 = Runs.run(1, Precision.DFP16, zeros, 0);
    String less = StudyResult.of(List.of(fp32, dfp16)).models().get(0).conclusion();
    assertTrue(less.startsWith("lenet: DFP-16 is less accurate than FP32: -100.00 points"), less);
  }

  @Test
  void runsWithoutATwinWait() {
    RunRecord begun = RunRecord.start(Runs.plan(2, Precision.DFP16, 3, 10), FP32_1.environment());
    StudyResult result = StudyResult.of(List.of(FP32_1, FP32_2, begun));
    assertEquals(List.of(), result.models());
    assertEquals(List.of("lenet seed 2 DFP-16, 0 of 3 epochs"), result.notComplete());
    String text = new StudyMarkdown(result).text();
    assertTrue(text.contains("No seed is complete in both precisions yet."), text);
    assertTrue(text.contains("- lenet seed 2 DFP-16, 0 of 3 epochs"), text);
  }

  @Test
  void twinsAreTestedOnTheSameImages() {
    Twins twins = new Twins(FP32_1, Runs.run(1, Precision.DFP16, "11", 0.1, 0.2, 0.3, 0.4));
    String message = assertThrows(IllegalStateException.class, twins::onlyFp32).getMessage();
    assertEquals("images: expected as many for both networks, got 10 and 2", message);
  }

  @Test
  void tablesNameWhatWasTrained() {
    StudyResult result = StudyResult.of(List.of(FP32_1, DFP16_1, FP32_2, DFP16_2));
    String text = new StudyMarkdown(result).text();
    assertTrue(
        text.contains(
            "| lenet | 2 | 35.00 ± 7.07 | 44.00 ± 8.49 | +10.00 | -117.06 to +137.06 | 2 seeds"
                + " | 0.2500 ± 0.0000 | 0.2500 ± 0.0000 |"),
        text);
    assertTrue(text.contains("| lenet | 99 | 48 | 64 (1 of 2 seeds) |"), text);
    assertTrue(text.contains("a CPU; threads: 2; java 17.\n"), text);
    assertTrue(
        text.contains(
            "./dfp study --models lenet --seeds 2 --data synthetic --size 12 --batch 4 --updater"
                + " adam --learning-rate 0.01 --epochs 4 --train-images 67 --test-images 10"
                + " --fp32 stock --policy dfp16 --out DIR"),
        text);
  }
}
