package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp compare} and its files. */
class CompareCommandTest {

  private static final int ITERATIONS = 30;

  @TempDir static Path folder;
  private static Outcome outcome;

  @BeforeAll
  static void compare() {
    outcome = run(ITERATIONS, folder);
  }

  private static Outcome run(int iterations, Path out) {
    return CommandLineRunner.run(
        ("compare --model lenet --data synthetic --size 20 --batch 8 --seed 4 --updater nesterovs"
                + " --iterations %d --test-images 40 --no-ui --out %s")
            .formatted(iterations, out)
            .split(" ", -1));
  }

  private static double score(Path out, int iteration) throws IOException {
    JsonNode json = new ObjectMapper().readTree(out.resolve("compare.json").toFile());
    return json.get("dfp16").get("scores").get(iteration).asDouble();
  }

  /** The third iteration is the first to see what a rate has done that depends on their number. */
  @Test
  void theRateFallsUntilTheLastIteration() throws IOException {
    Path shorter = folder.resolve("shorter");
    assertEquals(0, run(3, shorter).status());
    assertEquals(score(folder, 1), score(shorter, 1));
    assertNotEquals(score(folder, 2), score(shorter, 2));
  }

  @Test
  void says() {
    assertEquals(0, outcome.status(), outcome.err());
    for (String part :
        List.of(
            "lenet, 20×20, batch 8, nesterovs, learning rate 0.01, seed 4, rate falling to 0 over 30",
            "Data: synthetic",
            "score at start",
            "score at end",
            "accuracy on 40 held-out images",
            "median seconds an iteration",
            "images a second",
            "FP32 time over this time",
            "Wrote " + folder.resolve("compare.json"))) {
      assertTrue(outcome.out().contains(part), outcome.out());
    }
  }

  @Test
  void json() throws IOException {
    JsonNode json = new ObjectMapper().readTree(folder.resolve("compare.json").toFile());
    assertEquals("lenet", json.get("model").asText());
    assertEquals(ITERATIONS, json.get("iterations").asInt());
    assertEquals(8, json.get("batch").asInt());
    assertEquals(20, json.get("size").asInt());
    assertEquals(4, json.get("seed").asInt());
    assertEquals("nesterovs", json.get("updater").asText());
    assertEquals(0.01, json.get("learningRate").asDouble());
    assertEquals(Machine.isa(), json.get("isa").asText());
    assertEquals(Machine.kernels().threads(), json.get("threads").asInt());
    for (String name : List.of("fp32", "dfp16")) {
      JsonNode run = json.get(name);
      assertEquals(ITERATIONS, run.get("scores").size());
      assertEquals(ITERATIONS, run.get("seconds").size());
      assertTrue(run.get("secondsPerIteration").asDouble() > 0);
      double accuracy = run.get("accuracy").asDouble(-1);
      assertTrue(accuracy >= 0 && accuracy <= 1, "accuracy " + accuracy);
    }
    assertEquals(
        json.get("fp32").get("secondsPerIteration").asDouble()
            / json.get("dfp16").get("secondsPerIteration").asDouble(),
        json.get("ratio").asDouble());
  }

  @Test
  void csv() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("compare.csv"));
    JsonNode json = new ObjectMapper().readTree(folder.resolve("compare.json").toFile());
    assertEquals("iteration,fp32Score,dfp16Score,fp32Seconds,dfp16Seconds", lines.get(0));
    assertEquals(ITERATIONS + 1, lines.size());
    String[] last = lines.get(ITERATIONS).split(",", -1);
    assertEquals(ITERATIONS - 1, Integer.parseInt(last[0]));
    assertEquals(
        json.get("dfp16").get("scores").get(ITERATIONS - 1).asDouble(),
        Double.parseDouble(last[2]));
  }

  @Test
  void chartShowsBothCurves() throws IOException {
    BufferedImage chart = ImageIO.read(folder.resolve("compare.png").toFile());
    int blue = 0;
    int orange = 0;
    for (int y = 0; y < chart.getHeight(); y++) {
      for (int x = 0; x < chart.getWidth(); x++) {
        int rgb = chart.getRGB(x, y) & 0xFFFFFF;
        blue += rgb == 0x1F5FA8 ? 1 : 0;
        orange += rgb == 0xD95F02 ? 1 : 0;
      }
    }
    assertTrue(blue > 50, "pixels of the FP32 curve: " + blue);
    assertTrue(orange > 50, "pixels of the DFP-16 curve: " + orange);
  }
}
