package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp fidelity} and {@code dfp gradients} from the command line to their numbers. */
class NumericsCommandTest {

  @TempDir Path folder;

  private JsonNode json(String name) throws IOException {
    return new ObjectMapper().readTree(folder.resolve(name).toFile());
  }

  @Test
  void fidelity() throws IOException {
    Path shapes = Files.writeString(folder.resolve("shapes"), "one ic4 ih6 oc4\ntwo ic4 ih6 oc4\n");
    Outcome outcome =
        CommandLineRunner.run(
            ("fidelity --model %s --layers two --batch 1 --values gaussian,outlier8 --draws 1"
                    + " --json %s")
                .formatted(shapes, folder.resolve("fidelity.json"))
                .split(" "));
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("two gaussian"), outcome.out());
    assertTrue(outcome.out().contains("two outlier12  "), "policies: " + outcome.out());
    assertFalse(outcome.out().contains("one gaussian"), outcome.out());
    JsonNode report = json("fidelity.json");
    assertEquals(1, report.get("draws").asInt());
    JsonNode row = report.get("formats").get(1);
    assertEquals("DFP-16", row.get("arithmetic").asText());
    assertEquals("forward", row.get("product").asText());
    assertTrue(row.get("closeness").get("snr").asDouble() > 60, row.toString());
  }

  @Test
  void gradients() throws IOException {
    Outcome outcome =
        CommandLineRunner.run(
            ("gradients --models lenet --data synthetic --iterations 0 --batch 2 --summary"
                    + " --policy paper --json "
                    + folder.resolve("gradients.json"))
                .split(" "));
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("\nPAPER "), outcome.out());
    assertFalse(outcome.out().contains("\ncnn1 "), outcome.out());
    JsonNode run = json("gradients.json").get("runs").get(0);
    assertEquals("lenet", run.get("model").asText());
    JsonNode result = run.get("results").get(1);
    assertEquals("PAPER", result.get("arithmetic").asText());
    assertTrue(result.get("cosine").asDouble() > 0.9, result.toString());
    assertEquals("cnn1", result.get("layers").get(0).get("layer").asText());
  }
}
