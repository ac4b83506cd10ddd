package org.dfp4j.examples.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run that leaves the range of floats ends with a report that says so. */
class DivergedTest {

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource({"lenet, 28", "unet, 16"})
  void accuracyIsNotMeasured(String model, int size) {
    RunSettings settings = new RunSettings(model, "synthetic", size, 8, 5, "sgd", 1e30);
    ImageData data = settings.open();
    Network fp32 = settings.newNetwork(data.labels().size());
    Comparison comparison = new Comparison(settings, data, fp32, Conversion.DFP16.toDfp16(fp32));
    comparison.train(3, () -> false, Progress.SILENT);
    comparison.evaluate(8);
    for (RunResult run : List.of(comparison.fp32(), comparison.dfp16())) {
      assertFalse(Double.isFinite(run.scores().get(2)), run.toString());
      assertNull(run.accuracy());
    }
  }

  @Test
  void scoresAreShownAsTheyAre() throws IOException {
    List<Double> seconds = List.of(1., 1., 1.);
    RunResult nan = new RunResult(List.of(2., Double.NaN, Double.NaN), null, seconds);
    RunResult infinite = new RunResult(List.of(2., Double.POSITIVE_INFINITY, 3.0), null, seconds);
    CompareResult result =
        new CompareResult(
            "lenet",
            "synthetic",
            3,
            8,
            28,
            5,
            "sgd",
            1e30,
            "dfp16",
            8,
            "avx2",
            "native avx2",
            "",
            1,
            "",
            Map.of(),
            nan,
            infinite);
    for (Path file : Reports.write(result, folder)) {
      assertTrue(Files.size(file) > 0, file.toString());
    }
    List<String> lines = Reports.table(result).lines().toList();
    assertEquals("score at end", lines.get(2).substring(0, 12));
    assertTrue(lines.get(2).contains("NaN"), lines.get(2));
    assertTrue(lines.get(3).endsWith("not measured  not measured"), lines.get(3));
  }
}
