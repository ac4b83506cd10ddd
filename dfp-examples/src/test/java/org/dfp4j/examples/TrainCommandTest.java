package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.examples.CommandLineRunner.Outcome;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.train.Checkpoint;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code dfp train}. */
class TrainCommandTest {

  private static final String SMALL =
      " --model lenet --data synthetic --size 12 --batch 4 --test-images 10";

  @TempDir Path folder;

  private static Outcome run(String command) {
    Outcome outcome = CommandLineRunner.run(command.split(" ", -1));
    assertEquals(0, outcome.status(), outcome.err());
    return outcome;
  }

  private Path file(String name) {
    return folder.resolve(name);
  }

  @Test
  void resumes() {
    Path whole = file("whole.zip");
    Path part = file("part.zip");
    run("train" + SMALL + " --iterations 6 --save " + whole);
    run("train" + SMALL + " --iterations 2 --save " + part);
    Outcome rest = run("train --iterations 6 --test-images 10 --resume " + part);
    assertTrue(rest.out().contains("Resuming " + part + " after iteration 2."), rest.out());
    assertTrue(rest.out().contains("Saved " + part + " after iteration 6 of 6"), rest.out());
    assertTrue(rest.out().contains("Accuracy on 10 held-out images: "), rest.out());
    Network a = Checkpoint.load("--resume", whole).network();
    Network b = Checkpoint.load("--resume", part).network();
    assertTrue(a.parameters().equalsWithEps(b.parameters(), 0));
  }

  @Test
  void convertsAResumedNetwork() {
    Path fp32 = file("fp32.zip");
    Path dfp16 = file("dfp16.zip");
    run("train" + SMALL + " --iterations 2 --precision fp32 --save " + fp32);
    Outcome rest =
        run("train --resume " + fp32 + " --precision dfp16 --iterations 3 --save " + dfp16);
    assertTrue(rest.out().contains("Converted from FP32 to DFP-16."), rest.out());
    assertEquals(0, swapped(fp32));
    assertEquals(4, swapped(dfp16));
  }

  /** Layers that are in DFP-16. */
  private static long swapped(Path file) {
    MultiLayerNetwork network =
        (MultiLayerNetwork) Checkpoint.load("--resume", file).network().model();
    return network.getLayerWiseConfigurations().getConfs().stream()
        .filter(conf -> conf.getLayer() instanceof Dfp16Layer)
        .count();
  }

  @Test
  void resumedRunKeepsItsSettings() {
    Path file = file("model.zip");
    run("train" + SMALL + " --iterations 1 --save " + file);
    Outcome other = CommandLineRunner.run("train", "--resume", file.toString(), "--batch", "8");
    assertEquals(2, other.status());
    assertEquals(
        "dfp train: --batch: expected 4, as in the resumed run, got 8", other.err().strip());
    Outcome done = CommandLineRunner.run("train", "--resume", file.toString());
    assertEquals(2, done.status());
    assertTrue(done.err().contains("--iterations: expected > 1, as " + file), done.err());
  }

  @Test
  void signalSavesAndSaysSo() throws IOException, InterruptedException {
    Path file = file("stopped.zip");
    String command = "train" + SMALL + " --iterations 1000000 --save " + file;
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx1g",
            "-cp",
            System.getProperty("java.class.path"),
            Dfp.class.getName());
    builder.command().addAll(List.of(command.split(" ", -1)));
    File err = folder.resolve("err").toFile();
    Process process = builder.redirectError(err).start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      while (line != null && !line.startsWith("DFP-16: ")) {
        line = out.readLine();
      }
      // Training begins a moment after this line; a signal before that is as good.
      Thread.sleep(1500);
      // Process.destroy() would close the output as well.
      process.toHandle().destroy();
      String rest = String.join("\n", out.lines().toList());
      assertTrue(process.waitFor(60, TimeUnit.SECONDS), "still running: " + rest);
      String all = rest + Files.readString(err.toPath());
      assertEquals(Interrupt.EXIT_STATUS, process.exitValue(), all);
      assertTrue(rest.contains("Saving after this iteration"), all);
      assertTrue(rest.contains("Saved " + file + " after iteration "), all);
    } finally {
      process.destroyForcibly();
    }
    assertTrue(Checkpoint.load("--resume", file).network().iteration() < 1_000_000);
  }
}
