package org.dfp4j.examples.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.data.FewImages;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.Precision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Saving a run and going on with it. */
class TrainingTest {

  private static final int LENGTH = 7;

  @TempDir Path folder;

  private static Network network(RunSettings settings, Precision precision) {
    return Conversion.DFP16.convert(settings.newNetwork(10), precision);
  }

  /** SimpleCNN has dropout and batch normalization; an epoch is three batches here. */
  @ParameterizedTest
  @CsvSource({
    "simplecnn, 3, FP32",
    "simplecnn, 3, DFP16",
    "lenet, 1, DFP16",
    "squeezenet, 3, FP32"
  })
  void resumedRunGivesTheBitsOfAWholeOne(String model, int channels, Precision precision)
      throws IOException {
    RunSettings settings = new RunSettings(model, "synthetic", 24, 4, 9, "adam", 0.001);
    ImageData data = new FewImages(14, channels, 24);

    Network whole = network(settings, precision);
    new Training(settings, data, whole).run(LENGTH, () -> false, Progress.SILENT);

    Network begun = network(settings, precision);
    AtomicInteger asked = new AtomicInteger();
    new Training(settings, data, begun)
        .run(LENGTH, () -> asked.getAndIncrement() == 4, Progress.SILENT);
    assertEquals(4, begun.iteration());
    assertEquals(1, begun.epoch());
    Path file = folder.resolve("model.zip");
    Checkpoint.Run run = new Checkpoint.Run(settings, LENGTH, precision.key(), "dfp16");
    new Checkpoint(begun, run).save(file);

    Checkpoint loaded = Checkpoint.load("--resume", file);
    assertEquals(run, loaded.run());
    assertEquals(begun.parameters(), loaded.network().parameters());
    new Training(settings, data, loaded.network()).run(LENGTH, () -> false, Progress.SILENT);

    assertEquals(LENGTH, loaded.network().iteration());
    assertEquals(2, loaded.network().epoch());
    assertTrue(whole.parameters().equalsWithEps(loaded.network().parameters(), 0));
    assertTrue(whole.updaterState().equalsWithEps(loaded.network().updaterState(), 0));
  }

  @Test
  void nothingIsLeftOfAnInterruptedSave() throws IOException {
    RunSettings settings = new RunSettings("lenet", "synthetic", 12, 4, 9, "sgd", 0.1);
    Checkpoint.Run run = new Checkpoint.Run(settings, LENGTH, "fp32", "dfp16");
    Checkpoint checkpoint = new Checkpoint(settings.newNetwork(10), run);
    Path file = folder.resolve("model.zip");
    checkpoint.save(file);
    checkpoint.save(file);
    assertEquals(List.of("model.zip"), List.of(folder.toFile().list()));
  }
}
