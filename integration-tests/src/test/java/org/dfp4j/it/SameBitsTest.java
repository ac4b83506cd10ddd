package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.Dfp;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same training gives the same bits with every instruction set of this machine and with an
 * emulated one, with the Java kernels, and with any number of threads: {@code dfp
 * verify-reproducible} says so.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameBitsTest {

  private Path reference;
  private JsonNode report;
  private List<String> settings;

  @BeforeAll
  void trainUnderEverySettingOfThisMachine(@TempDir Path folder) throws Exception {
    settings = new ArrayList<>(List.of("java:2"));
    KernelProvider.report().rows().stream()
        .filter(KernelReport.Row::runs)
        .map(KernelReport.Row::isa)
        .forEach(isa -> settings.addAll(List.of(isa + ":1", isa + ":2", isa + ":3")));
    reference = folder.resolve("reference.json");
    verify(Map.of(), "--settings", String.join(",", settings), "--json", reference.toString());
    report = new ObjectMapper().readTree(reference.toFile());
  }

  @Test
  void nativeKernelsHaveTheBitsOfTheJavaKernels() {
    assumeTrue(settings.size() > 1, "this machine has no native kernels");
    assertTrue(report.get("same").asBoolean());
    assertEquals(settings.size(), report.get("runs").size());
    assertEquals("java", report.get("reference").get("setting").get("kernels").asText());
  }

  @Test
  void emulatedAmx() throws Exception {
    Path emulator = Path.of(System.getProperty("dfp.amxEmulator", ""));
    assumeTrue(Files.isRegularFile(emulator), "no AMX emulator was built: " + emulator);
    assumeTrue(settings.contains("avx512vnni:1"), "the emulator needs AVX-512");
    verify(
        Map.of("LD_PRELOAD", emulator.toString()),
        "--settings",
        "amxint8:2",
        "--against",
        reference.toString());
  }

  /** Runs the command in a process of its own, and expects exit status 0: all bits are the same. */
  private static void verify(Map<String, String> environment, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx1g", "-cp", Processes.classPath(), Dfp.class.getName()));
    command.addAll(List.of("verify-reproducible", "--iterations", "5"));
    command.addAll(List.of(options));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("DFP_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), () -> command + "\n" + text);
  }
}
