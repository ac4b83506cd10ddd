package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp verify-reproducible} from the command line to its exit status. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class VerifyReproducibleTest {

  private static final int WIDTH = 140;

  private Path folder;
  private Path json;
  private JsonNode report;

  private static Outcome run(String options, Path... files) {
    List<String> command = new ArrayList<>(List.of("verify-reproducible"));
    command.addAll(List.of("--iterations", "2", "--size", "8", "--batch", "2"));
    command.addAll(List.of(options.split(" ", -1)));
    for (Path file : files) {
      command.add(file.toString());
    }
    return CommandLineRunner.run(command.toArray(String[]::new));
  }

  @BeforeAll
  void oneAndTwoThreads(@TempDir Path temporary) throws IOException {
    folder = temporary;
    json = folder.resolve("report.json");
    Outcome outcome = run("--settings java:1,java:2 --json", json);
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    outcome.out().lines().forEach(line -> assertTrue(line.length() <= WIDTH, line));
    assertTrue(outcome.out().contains("All bits are the same"), outcome.out());
    report = new ObjectMapper().readTree(json.toFile());
  }

  @Test
  void theReportHasEachIteration() {
    assertTrue(report.get("same").asBoolean());
    assertEquals(2, report.get("runs").size());
    JsonNode reference = report.get("reference");
    assertEquals(2, reference.get("iterations").size());
    JsonNode first = reference.get("iterations").get(0);
    JsonNode second = reference.get("iterations").get(1);
    for (String hash : List.of("parameters", "updater")) {
      assertTrue(first.get(hash).asText().matches("[0-9a-f]{64}"), hash);
      assertNotEquals(first.get(hash), second.get(hash));
    }
    assertNotEquals(first.get("score"), second.get("score"));
    assertNotEquals(reference.get("start"), first.get("parameters"));
  }

  @Test
  void anotherReportIsAReference() {
    Outcome outcome = run("--settings java:2 --against", json);
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("recorded: java, 1 thread"), outcome.out());
  }

  @Test
  void oneSettingProvesNothing() {
    Outcome outcome = run("--settings java:1");
    assertEquals(0, outcome.status(), outcome.err() + outcome.out());
    assertTrue(outcome.out().contains("no recorded run: nothing was compared."), outcome.out());
    assertFalse(outcome.out().contains("All bits"), outcome.out());
  }

  @Test
  void aDifferenceIsStatusOne() throws IOException {
    Path other = folder.resolve("other.json");
    ObjectNode changed = report.deepCopy();
    ObjectNode second = (ObjectNode) changed.get("reference").get("iterations").get(1);
    second.put("score", Math.nextUp(second.get("score").asDouble()));
    new ObjectMapper().writeValue(other.toFile(), changed);
    Outcome outcome = run("--settings java:2 --against", other);
    assertEquals(1, outcome.status(), outcome.err());
    assertTrue(
        outcome.out().contains("java, 2 threads: in iteration 2, first in score"), outcome.out());
  }

  @Test
  void anotherWorkloadIsNoReference() {
    Outcome outcome = run("--seed 2 --against", json);
    assertEquals(2, outcome.status(), outcome.out());
    String network = "the built-in network, 8×8, batch 2, policy dfp16, seed ";
    String message =
        "--against: expected a report on %s2: 2 iterations, got one on %s1: 2 iterations"
            .formatted(network, network);
    assertTrue(outcome.err().contains(message), outcome.err());
  }
}
