package org.dfp4j.examples.stock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.examples.data.IdxFiles;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same program without and with the property that swaps ND4J's ops, in own processes. */
class FashionConvNetTest {

  private static final long SEED = 3;
  private static final int ITERATIONS = 3;
  private static final int BATCH = 64;
  private static final int SIDE = 28;

  @TempDir private Path folder;

  @BeforeEach
  void writeImages() throws IOException {
    Random random = new Random(SEED);
    for (String part : List.of("train", "t10k")) {
      int count = part.equals("train") ? ITERATIONS * BATCH : BATCH;
      byte[] pixels = new byte[count * SIDE * SIDE];
      random.nextBytes(pixels);
      byte[] labels = new byte[count];
      for (int i = 0; i < count; i++) {
        labels[i] = (byte) random.nextInt(10);
      }
      IdxFiles.images(folder.resolve(part + "-images-idx3-ubyte.gz"), count, SIDE, pixels);
      IdxFiles.labels(folder.resolve(part + "-labels-idx1-ubyte.gz"), labels);
    }
  }

  /**
   * What the program printed.
   *
   * @param score at the end
   * @param accuracy on the test images
   * @param text all of it
   */
  private record Run(String score, String accuracy, String text) {}

  private Run run(String... options) throws IOException, InterruptedException {
    Path out = folder.resolve("out.txt");
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.add("-Xmx1g");
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            FashionConvNet.class.getName(),
            Integer.toString(ITERATIONS),
            Integer.toString(BATCH),
            folder.toString()));
    int status =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start()
            .waitFor();
    String text = Files.readString(out);
    assertEquals(0, status, text);
    return new Run(line(text, "score"), line(text, "accuracy"), text);
  }

  private static String line(String text, String start) {
    return text.lines().filter(l -> l.startsWith(start)).findFirst().orElseThrow();
  }

  @Test
  void theBackendChangesNothingByItself() throws Exception {
    assertEquals(run("-Ddfp.backend=off").score(), run().score());
  }

  @Test
  void thePropertySwapsEveryProduct() throws Exception {
    Path report = folder.resolve("report.txt");
    Run stock = run("-Ddfp.precision.report=true");
    run("-Ddfp.precision=dfp16", "-Ddfp.precision.report=" + report);

    assertTrue(stock.text().contains("nothing is swapped"), stock.text());
    List<String> rows = Files.readAllLines(report);
    assertEquals("ND4J ops by precision (dfp.precision=dfp16)", rows.get(0));
    // Six layers, each forward twice an iteration and once in the test.
    int forward = 6 * (2 * ITERATIONS + 1);
    assertEquals(List.of("conv2d", "DFP-16", Integer.toString(forward)), words(rows.get(1)));
    assertEquals(
        List.of("conv2d_bp", "DFP-16", Integer.toString(6 * ITERATIONS)), words(rows.get(2)));
    assertFalse(String.join("\n", rows).contains(" FP32 "), rows.toString());
  }

  @Test
  void javaKernelsGiveTheSameScore() throws Exception {
    assumeTrue(KernelProvider.kernels().name().startsWith("native"), "needs native kernels");
    Run fast = run("-Ddfp.precision=dfp16");
    Run java = run("-Ddfp.precision=dfp16", "-Ddfp.kernels=java");
    assertEquals(fast.score(), java.score());
    assertEquals(fast.accuracy(), java.accuracy());
  }

  @Test
  void wrongInput() throws Exception {
    assertFails("iterations: expected a number >= 1, got 0", "0");
    assertFails("images to test on: expected a number >= 1, got x", "1", "x");
    Path none = folder.resolve("none");
    String file = none.resolve("train-images-idx3-ubyte.gz").toString();
    assertFails("data set: expected " + file + ", got no such file", "1", "1", none.toString());
    assertFails("t10k images: expected 65, got fewer in " + folder, "1", "65", folder.toString());
  }

  private static void assertFails(String message, String... arguments) {
    Exception e = assertThrows(Exception.class, () -> FashionConvNet.main(arguments));
    assertEquals(message, e.getMessage());
  }

  private static List<String> words(String row) {
    return List.of(row.trim().split(" +", -1));
  }
}
