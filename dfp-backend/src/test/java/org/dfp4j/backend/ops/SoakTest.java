package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
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

/** Ten thousand executions of the ops leave the memory of a process as it was. */
class SoakTest {

  /** A leak of 420 bytes an execution is more; one run to the next differs by less than 1 MiB. */
  private static final long MOST = 4 << 20;

  @Test
  void memoryStaysFlat(@TempDir Path directory) throws IOException, InterruptedException {
    File output = directory.resolve("output.txt").toFile();
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                // A heap and a compiler that do not grow the process while it is measured.
                "-Xms96m",
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:+AlwaysPreTouch",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                classPath,
                Soak.class.getName())
            .redirectErrorStream(true)
            .redirectOutput(output)
            .start();
    boolean ended = process.waitFor(2, TimeUnit.MINUTES);
    process.destroyForcibly();
    List<String> lines = Files.readAllLines(output.toPath(), StandardCharsets.UTF_8);
    assertTrue(ended && process.waitFor() == 0, () -> String.join("\n", lines));
    long grown = bytes(lines, Soak.PROCESS);
    assertTrue(grown < MOST, "bytes in " + Soak.EXECUTIONS + " executions: " + grown);
    assertEquals(0, bytes(lines, Soak.POOL));
  }

  private static long bytes(List<String> lines, String key) {
    return lines.stream()
        .filter(line -> line.startsWith(key))
        .mapToLong(line -> Long.parseLong(line.substring(key.length())))
        .findFirst()
        .orElseThrow();
  }
}
