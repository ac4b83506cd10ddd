package org.dfp4j.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a benchmark in a process of its own, since oneDNN has one cap a process. */
final class BenchProcess {

  static final String ISA = "avx2";
  static final int WIDTH = 140;

  private BenchProcess() {}

  /**
   * What a benchmark wrote.
   *
   * @param out standard output
   * @param json the report
   */
  record Outcome(String out, JsonNode json) {}

  static void needNativeKernels() {
    assumeTrue(
        Machine.kernels().rows().stream().anyMatch(row -> row.isa().equals(ISA) && row.runs()),
        "this machine does not run " + ISA);
  }

  static Outcome run(Path folder, String shapes, String... arguments)
      throws IOException, InterruptedException {
    Path file = Files.writeString(folder.resolve("shapes.txt"), shapes);
    Path json = folder.resolve("bench.json");
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                Dfp.class.getName(),
                "bench"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--model", file.toString(), "--isa", ISA, "--json", json.toString()));
    int status =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start()
            .waitFor();
    assertEquals(0, status, Files.readString(err));
    return new Outcome(Files.readString(out), new ObjectMapper().readTree(json.toFile()));
  }
}
