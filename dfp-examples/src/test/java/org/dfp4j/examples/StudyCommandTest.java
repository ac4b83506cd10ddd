package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.dfp4j.examples.bench.step.Baselines;
import org.dfp4j.examples.bench.step.Implementation;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp study}. */
class StudyCommandTest {

  private static final String SMALL =
      "study --models lenet --data synthetic --size 12 --batch 4 --train-images 64 --test-images 20"
          + " --epochs 2";

  @TempDir Path folder;

  private List<String> command(String more) {
    List<String> command = new ArrayList<>(List.of((SMALL + more).split(" ", -1)));
    command.addAll(List.of("--out", folder.toString()));
    return command;
  }

  private Outcome run(String more) {
    return CommandLineRunner.run(command(more).toArray(String[]::new));
  }

  private JsonNode report() throws IOException {
    return new ObjectMapper().readTree(folder.resolve("study.json").toFile());
  }

  @Test
  void trainsWhatIsMissingAndReportsAll() throws IOException {
    Outcome first = run("");
    assertEquals(0, first.status(), first.err());
    assertTrue(first.out().contains("lenet seed 1 DFP-16: "), first.out());
    assertEquals("IMAGES", report().at("/models/0/difference/basis").asText());
    Outcome second = run(" --seeds 2");
    assertEquals(0, second.status(), second.err());
    assertTrue(!second.out().contains("seed 1"), second.out());
    assertTrue(second.out().contains("Report: " + folder.resolve("study.md")), second.out());
    assertEquals(2, report().at("/models/0/seeds").size());
    String conclusion = report().at("/models/0/conclusion").asText();
    assertTrue(conclusion.startsWith("lenet: DFP-16 is "), conclusion);
    assertTrue(second.out().contains(conclusion), second.out());
    Outcome other = run(" --updater sgd");
    assertEquals(2, other.status());
    assertTrue(other.err().contains("with --updater adam, not sgd"), other.err());
  }

  @Test
  void fp32RunsWithOneDnnInAProcessOfItsOwn() throws IOException, InterruptedException {
    assumeTrue(oneDnnIsBuilt(), "dl4j-onednn is not built");
    List<String> process =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Dfp.class.getName()));
    process.addAll(command(" --fp32 onednn"));
    File said = folder.resolve("said").toFile();
    int status =
        new ProcessBuilder(process)
            .redirectErrorStream(true)
            .redirectOutput(said)
            .start()
            .waitFor();
    assertEquals(0, status, Files.readString(said.toPath()));
    String fp32 = report().at("/models/0/fp32/libraries/0").asText();
    assertTrue(fp32.endsWith("oneDNN helpers on"), fp32);
    assertEquals(Machine.kernels().used(), report().at("/models/0/dfp16/libraries/0").asText());
  }

  private static boolean oneDnnIsBuilt() {
    try {
      return !Baselines.ofProject().classPath("--fp32", Implementation.DL4J_ONEDNN).isEmpty();
    } catch (UsageException e) {
      return false;
    }
  }
}
