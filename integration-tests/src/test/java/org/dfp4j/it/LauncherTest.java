package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The launcher {@code ./dfp} and what it takes from the environment. */
class LauncherTest {

  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  @TempDir private Path folder;

  /** Skips the tests where the launcher would build first: it must not, inside another build. */
  @BeforeAll
  static void isBuilt() throws IOException {
    Path built = ROOT.resolve("dfp-examples/target/built");
    assumeTrue(Files.isRegularFile(built), "dfp-examples is not packaged; mvn verify does that");
    FileTime packaged = Files.getLastModifiedTime(built);
    for (String module : List.of("dfp-backend", "dfp-layers", "dfp-examples")) {
      for (String part : List.of("src/main", "target/classes")) {
        try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve(part))) {
          assumeTrue(
              files.noneMatch(file -> modified(file).compareTo(packaged) > 0),
              module + " changed after dfp-examples was packaged; mvn verify does that");
        }
      }
    }
  }

  private static FileTime modified(Path file) {
    try {
      return Files.getLastModifiedTime(file);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the time of " + file, e);
    }
  }

  private record Outcome(int status, List<String> lines) {}

  /** Runs in another folder than the project's, with Java options from the environment. */
  private Outcome run(Path launcher, String options, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(launcher.toString()));
    command.addAll(List.of(args));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("DFP_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("DFP_JAVA_OPTS", options);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return new Outcome(process.waitFor(), text.lines().toList());
  }

  @Test
  void runsFromAnyFolderAndThroughALink() throws IOException, InterruptedException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), ROOT.resolve("dfp"));
    Outcome outcome = run(link, "-Ddfp.kernels=java -Dunused=1", "info");
    assertEquals(0, outcome.status(), outcome.toString());
    assertTrue(
        outcome.lines().stream().anyMatch(line -> line.matches("DFP-16 kernels +java, .*")),
        outcome.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-Ddfp.kernels=fast        | dfp info: dfp.kernels: expected one of auto native java, got fast",
        "-Ddfp.maxIsa=sse          | dfp info: dfp.maxIsa: expected one of scalar avx2 avx512vnni"
            + " amxint8, got sse",
        "-Ddfp.memory.maxBytes=2GB | dfp info: dfp.memory.maxBytes: expected a number of bytes >= 1,"
            + " got 2GB",
      })
  void aWrongSettingIsOneLine(String option, String message)
      throws IOException, InterruptedException {
    Outcome outcome = run(ROOT.resolve("dfp"), option, "info");
    assertEquals(List.of(message), outcome.lines());
    assertEquals(2, outcome.status());
  }
}
