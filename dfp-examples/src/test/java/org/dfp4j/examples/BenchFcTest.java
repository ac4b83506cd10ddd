package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp bench fc} from the command line to its numbers. */
class BenchFcTest {

  @TempDir Path folder;

  @BeforeAll
  static void needsNativeKernels() {
    BenchProcess.needNativeKernels();
  }

  @Test
  void writesAllNumbers() throws IOException, InterruptedException {
    BenchProcess.Outcome outcome =
        BenchProcess.run(
            folder,
            "fc1 ic70 oc33\n",
            "fc",
            "--batch",
            "5",
            "--repetitions",
            "1",
            "--check-batch",
            "2");
    String out = outcome.out();
    assertTrue(out.contains("f32/kept"), out);
    assertTrue(out.contains("Same bits as the Java kernels (batch 2)"), out);
    out.lines().forEach(line -> assertTrue(line.length() <= BenchProcess.WIDTH, line));
    JsonNode run = outcome.json().get("runs").get(0);
    JsonNode layer = run.get("layers").get(0);
    assertEquals(5e-9 * 70 * 33, layer.get("gmac").asDouble(), 1e-15);
    JsonNode passes = layer.get("passes");
    for (String pass : new String[] {"forward", "backwardData"}) {
      JsonNode times = passes.get(pass);
      assertTrue(times.get("dfp16").get("kept").asDouble() > 0, pass);
      assertTrue(times.get("dfp16").get("recognize").asDouble() > 0, pass);
      JsonNode fp32 = times.get("fp32");
      double best = Math.min(fp32.get("total").asDouble(), fp32.get("plain").asDouble());
      double kernel = Math.min(fp32.get("kernel").asDouble(), fp32.get("plain").asDouble());
      JsonNode ratios = layer.get("ratios").get(pass);
      assertEquals(
          best / times.get("dfp16").get("total").asDouble(), ratios.get("fp32").asDouble());
      assertEquals(
          kernel / times.get("dfp16").get("kept").asDouble(), ratios.get("fp32ToKept").asDouble());
    }
    assertTrue(passes.get("backwardWeights").get("dfp16").get("kept").isNull());
  }
}
