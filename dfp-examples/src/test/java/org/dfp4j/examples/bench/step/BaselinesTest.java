package org.dfp4j.examples.bench.step;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

/** What runs beside DFP-16: found, told to be missing, and told not to be what it should be. */
class BaselinesTest {

  private static final String OWN = System.getProperty("java.class.path");
  private static final StepSettings SETTINGS =
      new StepSettings("lenet", 28, 1, 10, null, null, org.dfp4j.examples.bench.step.Mode.TRAIN, 1);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "DL4J_STOCK")
  void thisProjectsOwnClassPathComesWithEach(Implementation implementation) throws IOException {
    jar(implementation, "some.jar");
    assertTrue(new Baselines(folder, true).classPath(implementation).contains(OWN));
  }

  @Test
  void stockDl4jHasNoOtherLibraries() {
    assertEquals(OWN, new Baselines(folder, true).classPath(Implementation.DL4J_STOCK));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void oneDnnIsThatOfTheCpuAndComesFirst(boolean avx512) throws IOException {
    Path standIn = jar(Implementation.DL4J_ONEDNN, "dfp-baseline-dl4j-onednn-1.jar");
    Path wide = jar(Implementation.DL4J_ONEDNN, "nd4j-native-1-linux-x86_64-onednn-avx512.jar");
    Path narrow = jar(Implementation.DL4J_ONEDNN, "nd4j-native-1-linux-x86_64-onednn-avx2.jar");
    String path = new Baselines(folder, avx512).classPath(Implementation.DL4J_ONEDNN);
    assertTrue(path.startsWith(standIn + ":" + (avx512 ? wide : narrow) + ":"), path);
    assertFalse(path.contains((avx512 ? narrow : wide).toString()), path);
  }

  @ParameterizedTest
  @EnumSource(names = {"DL4J_ONEDNN", "PYTORCH"})
  void whatIsMissingIsNamedWithItsProfile(Implementation implementation) {
    StepBench.Plan plan = plan(implementation);
    Baselines baselines = new Baselines(folder, true);
    UsageException e = assertThrows(UsageException.class, () -> new StepBench(plan, baselines));
    String key = implementation.key();
    assertEquals(
        "--implementations: expected the jars of %s in %s, got none; build them: mvn -B -P %s"
                .formatted(key, folder.resolve(key).resolve("target/lib"), key)
            + " -Dmaven.test.skip package",
        e.getMessage());
  }

  @Test
  void helpersThatDoNotLoadAreAnError() throws IOException {
    jar(Implementation.DL4J_ONEDNN, "nothing.jar");
    StepBench bench = new StepBench(plan(Implementation.DL4J_ONEDNN), new Baselines(folder, true));
    IllegalStateException e =
        assertThrows(IllegalStateException.class, () -> bench.run(SETTINGS, Progress.SILENT));
    assertEquals("dl4j-onednn: expected a oneDNN helper, got none (layer cnn1)", e.getMessage());
  }

  @Test
  void helpersRun() {
    Baselines baselines = Baselines.ofProject();
    try {
      assertFalse(baselines.classPath(Implementation.DL4J_ONEDNN).isEmpty());
    } catch (UsageException e) {
      assumeTrue(false, e.getMessage());
    }
    StepReport.Batch batch =
        new StepBench(plan(Implementation.DL4J_ONEDNN), baselines).run(SETTINGS, Progress.SILENT);
    String description = batch.results().get(0).description();
    assertTrue(description.contains("oneDNN helpers on, linux-x86_64-onednn-avx"), description);
  }

  private static StepBench.Plan plan(Implementation implementation) {
    return new StepBench.Plan(List.of(implementation), "", 1, 1, 1, false, false);
  }

  private Path jar(Implementation implementation, String name) throws IOException {
    Path lib = folder.resolve(implementation.key()).resolve("target/lib");
    return Files.write(Files.createDirectories(lib).resolve(name), new byte[0]);
  }
}
