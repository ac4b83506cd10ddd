package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code dfp plan} on every model that DL4J can build. */
class PlanTest {

  static Stream<String> models() {
    return Zoo.entries().stream().map(ZooEntry::name).filter(name -> !name.equals("nasnet"));
  }

  @ParameterizedTest
  @MethodSource("models")
  void explainsEachLayer(String model) {
    Outcome outcome = CommandLineRunner.run("plan", "--model", model);
    assertEquals(0, outcome.status(), outcome.err());
    assertTrue(outcome.out().contains("layers in DFP-16"), outcome.out());
    long unexplained =
        outcome
            .out()
            .lines()
            .filter(line -> line.matches(".*(SWAPPED|ACCELERATED|KEPT|RESTORED)\\s*"))
            .count();
    assertEquals(0, unexplained, outcome.out());
  }

  @Test
  void paperKeepsTheEndsInFp32() {
    String all = CommandLineRunner.run("plan", "--model", "lenet").out();
    String paper = CommandLineRunner.run("plan", "--model", "lenet", "--policy", "paper").out();
    assertEquals(4, all.lines().filter(line -> line.contains("SWAPPED")).count());
    assertEquals(2, paper.lines().filter(line -> line.contains("SWAPPED")).count());
  }
}
