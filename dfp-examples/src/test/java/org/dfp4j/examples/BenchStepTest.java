package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp bench step} from the command line to its numbers. */
class BenchStepTest {

  private static final int WIDTH = 140;
  private static final int ROUNDS = 2;

  @TempDir Path folder;

  @BeforeAll
  static void needsNativeKernels() {
    assumeTrue(
        Machine.kernels().rows().stream().anyMatch(row -> row.runs()),
        "this machine has no native kernels");
  }

  private JsonNode run(String arguments) throws IOException {
    Path json = folder.resolve("step.json");
    List<String> command = new ArrayList<>(List.of("bench", "step", "--model", "lenet"));
    command.addAll(List.of("--threads", "1", "--steps", "" + ROUNDS, "--warm-up", "1"));
    command.addAll(List.of("--json", json.toString()));
    command.addAll(List.of(arguments.split(" ", -1)));
    Outcome outcome = CommandLineRunner.run(command.toArray(String[]::new));
    assertEquals(0, outcome.status(), outcome.err());
    outcome.out().lines().forEach(line -> assertTrue(line.length() <= WIDTH, line));
    return new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void trainsWithEachBatchSize() throws IOException {
    JsonNode report = run("--batch 3,1 --implementations dl4j-stock,dfp16 --profile");
    assertEquals(1, report.get("threads").asInt());
    assertEquals("dfp16", report.get("reference").asText());
    assertEquals("train", report.get("settings").get("mode").asText());
    assertEquals(28, report.get("settings").get("size").asInt());
    assertEquals("1.0.0-M2.1", report.get("versions").get("deeplearning4j").asText());
    assertEquals(2, report.get("batches").size());
    for (int i = 0; i < 2; i++) {
      JsonNode batch = report.get("batches").get(i);
      assertEquals(3 - 2 * i, batch.get("batch").asInt());
      assertResult(batch, 0, "dl4j-stock", "DL4J 1.0.0-M2.1, helpers off, linux-x86_64");
      assertResult(batch, 1, "dfp16", Machine.kernels().used());
      // The same weights and images, in 24 bits and in 15.
      double score = batch.get("results").get(0).get("outcome").asDouble();
      assertTrue(score > 0, "score " + score);
    }
  }

  private static void assertResult(JsonNode batch, int i, String name, String description) {
    JsonNode result = batch.get("results").get(i);
    JsonNode reference = batch.get("results").get(1);
    assertEquals(name, result.get("implementation").asText());
    assertEquals(description, result.get("description").asText());
    assertEquals(ROUNDS, result.get("seconds").size());
    double sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
      double seconds = result.get("seconds").get(round).asDouble();
      assertTrue(seconds > 0, "seconds " + seconds);
      assertEquals(
          seconds / reference.get("seconds").get(round).asDouble(),
          result.get("ratios").get(round).asDouble());
      sum += seconds;
    }
    assertEquals(sum / ROUNDS, result.get("medianSeconds").asDouble(), 1e-12);
    assertEquals(
        batch.get("batch").asInt() / result.get("medianSeconds").asDouble(),
        result.get("imagesPerSecond").asDouble());
    assertTrue(result.get("peakBytes").asLong() > 1 << 20, "peak memory");
    assertTrue(result.get("idleCores").asDouble() >= 0, "idle cores");
    assertProfile(result.get("profile"));
  }

  /** The phases add up to a step, and all but the rest show up within some dozen steps. */
  private static void assertProfile(JsonNode profile) {
    Set<String> phases = new TreeSet<>();
    double sum = 0;
    for (JsonNode row : profile) {
      phases.add(row.get("phase").asText());
      sum += row.get("seconds").asDouble();
    }
    assertTrue(phases.containsAll(Set.of("forward", "backward")), phases.toString());
    assertTrue(sum > 0 && sum < 10, "seconds of a step: " + sum);
  }

  @Test
  void infersOneAtATime() throws IOException {
    JsonNode report =
        run("--batch 2 --implementations dfp16,dl4j-stock --mode output --one-at-a-time");
    JsonNode results = report.get("batches").get(0).get("results");
    assertEquals("output", report.get("settings").get("mode").asText());
    for (JsonNode result : results) {
      // Two images, each with probabilities that sum to 1.
      assertEquals(2, result.get("outcome").asDouble(), 1e-4);
      assertEquals(0, result.get("profile").size());
    }
  }

  @Test
  void trainsWithAnotherUpdater() throws IOException {
    JsonNode own = run("--batch 1 --implementations dfp16");
    JsonNode other = run("--batch 1 --implementations dfp16 --updater sgd");
    assertTrue(own.get("settings").get("updater").isNull());
    assertEquals("SGD", other.get("settings").get("updater").asText());
    assertNotEquals(outcome(own), outcome(other));
  }

  private static double outcome(JsonNode report) {
    return report.get("batches").get(0).get("results").get(0).get("outcome").asDouble();
  }

  @Test
  void capsTheInstructionSetOfDfp16() throws IOException {
    assumeTrue(
        Machine.kernels().rows().stream().anyMatch(row -> row.isa().equals("avx2") && row.runs()),
        "this machine does not run avx2");
    JsonNode report = run("--batch 1 --implementations dfp16 --isa avx2");
    assertEquals(
        "native avx2",
        report.get("batches").get(0).get("results").get(0).get("description").asText());
  }

  @Test
  void refusesWhatDiverges() {
    Outcome outcome =
        CommandLineRunner.run(
            ("bench step --model darknet19 --size 32 --batch 1 --steps 9 --learning-rate 1e30"
                    + " --implementations dl4j-stock")
                .split(" ", -1));
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(
        outcome.err().contains("dl4j-stock: score or output: expected a finite one, got "),
        outcome.err());
  }
}
