package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp bench conv} from the command line to its numbers. */
class BenchConvTest {

  private static final int WIDTH = 140;
  private static final String ISA = "avx2";

  @TempDir Path folder;

  @BeforeAll
  static void needsNativeKernels() {
    assumeTrue(
        Machine.kernels().rows().stream().anyMatch(row -> row.isa().equals(ISA) && row.runs()),
        "this machine does not run " + ISA);
  }

  /** In a process of its own, since the command starts one more, with as many threads as asked. */
  @Test
  void writesAllNumbers() throws IOException, InterruptedException {
    Path shapes =
        Files.writeString(
            folder.resolve("shapes.txt"), "a x2 ic3 ih12 oc17 kh3 ph1\nb ic16 ih9 oc8 sh2\n");
    Path json = folder.resolve("bench.json");
    Path out = folder.resolve("out.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Dfp.class.getName()));
    command.addAll(List.of("bench", "conv", "--model", shapes.toString(), "--isa", ISA));
    command.addAll(List.of("--batch", "3", "--threads", "1", "--repetitions", "1"));
    command.addAll(List.of("--json", json.toString()));
    Path err = folder.resolve("err.txt");
    int status =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    assertEquals(0, status, Files.readString(err));
    assertTable(Files.readString(out));
    assertJson(new ObjectMapper().readTree(json.toFile()));
  }

  private static void assertTable(String out) {
    assertTrue(out.contains("DFP-16 " + ISA), out);
    assertTrue(out.contains("1 threads each"), out);
    out.lines().forEach(line -> assertTrue(line.length() <= WIDTH, line));
  }

  private static void assertJson(JsonNode report) {
    assertEquals(ISA, report.get("isa").asText());
    assertEquals(ISA, report.get("oneDnnIsa").asText());
    assertEquals(1, report.get("threads").asInt());
    assertTrue(report.get("versions").has("onednn"));
    assertEquals(2, report.get("layers").size());
    JsonNode first = report.get("layers").get(0);
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
      JsonNode part = report.get("summary").get("passes").get(pass);
      assertTrue(part.get("geometricMeans").get("fp32Kernel").asDouble() > 0);
      double second =
          report.get("layers").get(1).get("passes").get(pass).get("fp32").get("total").asDouble();
      assertEquals(
          2 * times.get("fp32").get("total").asDouble() + second,
          part.get("sums").get("fp32").get("total").asDouble(),
          1e-9);
    }
    assertTrue(report.get("summary").get("sharedPacksMillis").asDouble() > 0);
  }

  @Test
  void unknownInstructionSet() {
    Outcome outcome = CommandLineRunner.run("bench", "conv", "--isa", "sse");
    assertEquals(2, outcome.status(), outcome.err());
    assertTrue(outcome.err().contains("--isa: expected one of"), outcome.err());
  }
}
