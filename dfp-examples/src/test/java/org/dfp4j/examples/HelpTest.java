package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Help, version and information. */
class HelpTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compare",
        "train",
        "study",
        "plan",
        "bench",
        "fidelity",
        "gradients",
        "verify-reproducible",
        "info"
      })
  void eachCommandHasHelp(String command) {
    Outcome outcome = CommandLineRunner.run(command, "--help");
    assertEquals(0, outcome.status());
    assertTrue(outcome.out().startsWith("Usage: dfp " + command), outcome.out());
  }

  @Test
  void helpListsTheCommands() {
    Outcome outcome = CommandLineRunner.run("--help");
    assertEquals(0, outcome.status());
    for (String command :
        new String[] {
          "compare",
          "train",
          "study",
          "plan",
          "bench",
          "fidelity",
          "gradients",
          "verify-reproducible",
          "info"
        }) {
      assertTrue(outcome.out().contains("\n  " + command + " "), outcome.out());
    }
  }

  @Test
  void version() {
    Outcome outcome = CommandLineRunner.run("--version");
    assertEquals(0, outcome.status());
    assertEquals("dfp4j " + Versions.own(), outcome.out().strip());
  }

  @Test
  void infoNamesTheKernels() {
    Outcome outcome = CommandLineRunner.run("info");
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains(Machine.kernels().used()), outcome.out());
    assertTrue(outcome.out().contains("linux-x86_64"), outcome.out());
  }

  @Test
  void infoAsJson() throws JsonProcessingException {
    JsonNode info = new ObjectMapper().readTree(CommandLineRunner.run("info", "--json").out());
    assertEquals(Machine.isa(), info.get("isa").asText());
    assertEquals("linux-x86_64", info.get("nd4jClassifier").asText());
    assertEquals("1.0.0-M2.1", info.get("versions").get("deeplearning4j").asText());
    assertEquals(Machine.kernels().threads(), info.get("kernels").get("threads").asInt());
  }

  @Test
  void infoSaysWhatScratchTakes() throws JsonProcessingException {
    assumeTrue(
        Machine.kernels().used().startsWith("native"),
        "the Java kernels have no scratch in a pool");
    JsonNode info = new ObjectMapper().readTree(CommandLineRunner.run("info", "--json").out());
    assertTrue(info.get("scratchBound").asLong() > 0);
    assertEquals(0, info.get("memoryPool").get("scratch").asLong());
    assertTrue(CommandLineRunner.run("info").out().contains("\nscratch "));
  }
}
