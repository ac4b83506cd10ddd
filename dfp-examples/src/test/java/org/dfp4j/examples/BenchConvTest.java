package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp bench conv} from the command line to its numbers. */
class BenchConvTest {

  private static final String SHAPES = "a x2 ic3 ih12 oc17 kh3 ph1\nb ic16 ih9 oc8 sh2\n";

  @TempDir Path folder;

  @BeforeAll
  static void needsNativeKernels() {
    BenchProcess.needNativeKernels();
  }

  @Test
  void writesAllNumbers() throws IOException, InterruptedException {
    BenchProcess.Outcome outcome =
        BenchProcess.run(
            folder, SHAPES, "conv", "--batch", "3", "--threads", "1", "--repetitions", "1");
    assertTable(outcome.out());
    assertJson(outcome.json());
  }

  private static void assertTable(String out) {
    assertTrue(out.contains("DFP-16 " + BenchProcess.ISA), out);
    assertTrue(out.contains("batch 3, threads of each 1"), out);
    assertTrue(out.contains("inputs training"), out);
    assertFalse(out.contains("speedup"), "a series of one run: " + out);
    out.lines().forEach(line -> assertTrue(line.length() <= BenchProcess.WIDTH, line));
  }

  private static void assertJson(JsonNode report) {
    assertEquals(BenchProcess.ISA, report.get("isa").asText());
    assertEquals(BenchProcess.ISA, report.get("oneDnnIsa").asText());
    assertEquals("training", report.get("settings").get("inputs").asText());
    assertEquals("conv", report.get("settings").get("kind").asText());
    assertTrue(report.get("versions").has("onednn"));
    assertTrue(report.get("memory").get("scratchPeak").asLong() > 0);
    assertEquals(1, report.get("runs").size());
    JsonNode run = report.get("runs").get(0);
    assertEquals(1, run.get("threads").asInt());
    assertEquals(3, run.get("batch").asInt());
    assertEquals(2, run.get("layers").size());
    JsonNode first = run.get("layers").get(0);
    assertEquals(2, first.get("count").asInt());
    assertEquals(12, first.get("shape").get("oh").asInt());
    assertEquals(3e-9 * 17 * 12 * 12 * 3 * 3 * 3, first.get("gmac").asDouble(), 1e-15);
    for (String pass : List.of("forward", "backwardData", "backwardWeights")) {
      JsonNode times = first.get("passes").get(pass);
      for (String part : List.of("amax", "pack", "weightPack", "kernel", "total")) {
        assertTrue(times.get("dfp16").get(part).asDouble() >= 0, part);
      }
      for (String part : List.of("kernel", "total")) {
        assertTrue(times.get("fp32").get(part).asDouble() > 0, part);
      }
      assertTrue(times.get("bf16").isNull(), "BF16 under an AVX2 cap");
      assertTrue(first.get("gmacPerSecond").get(pass).get("dfp16Kernel").asDouble() > 0);
      assertEquals(
          times.get("fp32").get("total").asDouble() / times.get("dfp16").get("total").asDouble(),
          first.get("ratios").get(pass).get("fp32").asDouble());
      JsonNode part = run.get("summary").get("passes").get(pass);
      assertTrue(part.get("geometricMeans").get("fp32Kernel").asDouble() > 0);
      double second =
          run.get("layers").get(1).get("passes").get(pass).get("fp32").get("total").asDouble();
      assertEquals(
          2 * times.get("fp32").get("total").asDouble() + second,
          part.get("sums").get("fp32").get("total").asDouble(),
          1e-9);
    }
    assertTrue(run.get("summary").get("sharedPacksMillis").asDouble() > 0);
  }

  @Test
  void seriesEndWithATable() throws IOException, InterruptedException {
    BenchProcess.Outcome outcome =
        BenchProcess.run(
            folder,
            SHAPES,
            "conv",
            "--batch",
            "1,2",
            "--threads",
            "1,2",
            "--repetitions",
            "1",
            "--passes",
            "fwd",
            "--layers",
            "b",
            "--implementations",
            "dfp16",
            "--inputs",
            "full-scale");
    String out = outcome.out();
    assertTrue(out.contains("inputs full-scale"), out);
    assertFalse(out.contains("bwdd  "), "a pass that was not asked for: " + out);
    assertFalse(out.contains("geomean  "), "ratios without oneDNN: " + out);
    List<String> lines = out.lines().toList();
    assertTrue(lines.get(lines.size() - 5).startsWith("ms an example"), out);
    assertTrue(lines.get(lines.size() - 1).startsWith("2 threads"), out);
    lines.forEach(line -> assertTrue(line.length() <= BenchProcess.WIDTH, line));
    JsonNode series = outcome.json().get("series");
    assertEquals(4, series.size());
    JsonNode slow = series.get(1);
    JsonNode fast = series.get(3);
    for (JsonNode row : List.of(slow, fast)) {
      assertEquals(2, row.get("batch").asInt());
      assertTrue(row.get("fp32").isNull());
    }
    assertEquals(2, fast.get("threads").asInt());
    assertEquals(
        slow.get("dfp16").asDouble() / fast.get("dfp16").asDouble(),
        fast.get("dfp16Speedup").asDouble(),
        1e-9);
  }

  @Test
  void unknownInstructionSet() {
    Outcome outcome = CommandLineRunner.run("bench", "conv", "--isa", "sse");
    assertEquals(2, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains("--isa: expected one of"), outcome.err());
  }
}
