package org.dfp4j.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Arrays of one shape that nobody holds any more are freed before the process is too large. */
class MemoryLimitTest {

  private static final long LIMIT_MIB = 900;

  /** What arrays may take until the next look at the memory. */
  private static final long SLACK_MIB = 300;

  @Test
  void holdsForArraysOfOneShape(@TempDir Path directory) throws IOException, InterruptedException {
    long all = (Garbage.ARRAYS * Garbage.ELEMENTS * Float.BYTES) >> 20;
    assertTrue(all > 2 * (LIMIT_MIB + SLACK_MIB), "the arrays take " + all + " MiB");
    File output = directory.resolve("output.txt").toFile();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-Dorg.bytedeco.javacpp.maxphysicalbytes=" + LIMIT_MIB + "m",
                "-cp",
                classPath,
                Garbage.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    process.destroyForcibly();
    List<String> lines = Files.readAllLines(output.toPath(), StandardCharsets.UTF_8);
    assertTrue(ended && process.waitFor() == 0, () -> String.join("\n", lines));
    long peak = peakKib(lines) >> 10;
    assertTrue(peak < LIMIT_MIB + SLACK_MIB, "MiB at most: " + peak);
  }

  private static long peakKib(List<String> lines) {
    return lines.stream()
        .filter(line -> line.startsWith(Garbage.PEAK))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
