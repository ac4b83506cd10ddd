package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.dfp4j.backend.kernels.KernelProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The same training gives the same bits with every instruction set, with the Java kernels and with
 * any number of threads. Each run is a process of its own, for these are chosen once for a process.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SameBitsTest {

  private static final String THREADS = "2";

  private List<String> reference;

  @BeforeAll
  void trainWithTheJavaKernels() throws Exception {
    Run run = train(List.of("-Ddfp.kernels=java"), Map.of("OMP_NUM_THREADS", THREADS));
    assertEquals("java", run.kernels);
    assertEquals(6, run.results.size(), "five scores and the parameters");
    reference = run.results;
  }

  @ParameterizedTest
  @CsvSource({"avx2, 1", "avx2, 2", "avx512vnni, 2", "avx512vnni, 3", "amxint8, 2"})
  void nativeKernels(String isa, String threads) throws Exception {
    Map<String, String> environment = Map.of("DFP_MAX_ISA", isa, "OMP_NUM_THREADS", threads);
    assumeTrue(runsHere(isa), isa + " does not run on this CPU");
    Run run = train(List.of("-Ddfp.kernels=native"), environment);
    assertEquals("native " + isa, run.kernels);
    assertEquals(reference, run.results);
  }

  @Test
  void emulatedAmx() throws Exception {
    Path emulator = Path.of(System.getProperty("dfp.amxEmulator", ""));
    assumeTrue(Files.isRegularFile(emulator), "no AMX emulator was built: " + emulator);
    assumeTrue(runsHere("avx512vnni"), "the emulator needs AVX-512");
    Run run =
        train(
            List.of("-Ddfp.kernels=native"),
            Map.of("LD_PRELOAD", emulator.toString(), "OMP_NUM_THREADS", THREADS));
    assertEquals("native amxint8", run.kernels);
    assertEquals(reference, run.results);
  }

  private static boolean runsHere(String isa) {
    return KernelProvider.report().rows().stream()
        .anyMatch(row -> row.isa().equals(isa) && row.runs());
  }

  private record Run(List<String> results, String kernels) {}

  private static Run train(List<String> options, Map<String, String> environment)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx1g");
    command.addAll(options);
    command.addAll(List.of("-cp", Processes.classPath()));
    command.add(SmallTraining.class.getName());
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("DFP_"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    List<String> results = new ArrayList<>();
    StringBuilder output = new StringBuilder();
    String kernels = "";
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    for (String line : text.lines().toList()) {
      if (line.startsWith(SmallTraining.RESULT)) {
        results.add(line);
      } else if (line.startsWith(SmallTraining.KERNELS)) {
        kernels = line.substring(SmallTraining.KERNELS.length());
      } else {
        output.append(line).append('\n');
      }
    }
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "the process ends");
    assertEquals(0, process.exitValue(), () -> command + "\n" + output);
    return new Run(results, kernels);
  }
}
