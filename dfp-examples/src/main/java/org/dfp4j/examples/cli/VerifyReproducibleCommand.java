package org.dfp4j.examples.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.reproducible.ReproducibilityTable;
import org.dfp4j.examples.reproducible.Run;
import org.dfp4j.examples.reproducible.Setting;
import org.dfp4j.examples.reproducible.Verification;
import org.dfp4j.examples.reproducible.VerificationReport;
import org.dfp4j.examples.reproducible.Workload;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Proves on the user's machine that training has the same bits under all settings. */
@Command(
    sortOptions = false,
    name = "verify-reproducible",
    description = {
      "Trains a network in DFP-16 with each instruction set of this machine, with the plain Java",
      "kernels, and with several numbers of threads, each in a process of its own, and compares the",
      "bits of parameters, updater state and score after each iteration.",
      "Exit status: 0 if all are the same, 1 if not."
    })
public final class VerifyReproducibleCommand implements Callable<Integer> {

  private static final int DIFFERENT = 1;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = Workload.BUILT_IN,
      completionCandidates = ModelNames.class,
      description =
          "built-in (convolutions, batch norm, response norm, residual sum, pooling, dense layer,"
              + " dropout, L1, L2, clipped gradients) or a model of the zoo: ${COMPLETION-CANDIDATES}. Default:"
              + " ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      defaultValue = "20",
      description = "Default: ${DEFAULT-VALUE}.")
  private int iterations;

  @Option(
      names = "--settings",
      paramLabel = "KERNELS:THREADS",
      split = ",",
      description =
          "What to compare, for example java:1,avx2:2,avx512vnni:4. Default: java and each"
              + " instruction set that runs here, with 1, 2 and as many threads as there are cores.")
  private List<String> settings;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Height and width of the images. Default: the model's smallest; built-in: 20.")
  private Integer size;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "6",
      description = "Images an iteration. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of initial weights, images and dropout. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--policy",
      paramLabel = "NAME",
      defaultValue = "dfp16",
      description =
          "dfp16, paper (as in the other commands), or fp32: DL4J without this project's layers, for"
              + " comparison. Default: ${DEFAULT-VALUE}.")
  private String policy;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all hashes as JSON.")
  private Path json;

  @Option(
      names = "--against",
      paramLabel = "FILE",
      description =
          "Compares with the reference in a file that --json wrote with the same options, on this"
              + " or on another machine.")
  private Path against;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    int pixels = size == null ? Workload.defaultSize(model) : size;
    Workload workload = new Workload(model, pixels, batch, iterations, seed, policy);
    workload.plan(); // Says now where DL4J cannot build the model.
    KernelReport machine = Machine.kernels();
    List<Setting> wanted =
        settings == null
            ? Setting.all(machine, Runtime.getRuntime().availableProcessors())
            : settings.stream().map(text -> Setting.parse(text, machine)).toList();
    Optional<Run> recorded = Optional.ofNullable(against).map(file -> recorded(file, workload));
    if (json != null) {
      OutputFiles.checkFile("--json", json);
    }
    Verification verification = new Verification(workload, wanted, recorded);
    VerificationReport report;
    try (Progress progress = new ConsoleProgress("verify", verification.progressSteps())) {
      report = verification.run(progress);
    }
    spec.commandLine().getOut().println(ReproducibilityTable.of(report));
    OutputFiles.writeJson(json, report);
    return report.same() ? 0 : DIFFERENT;
  }

  private static Run recorded(Path file, Workload workload) {
    try {
      VerificationReport report =
          new ObjectMapper().readValue(file.toFile(), VerificationReport.class);
      if (!report.workload().equals(workload)) {
        throw new UsageException(
            "--against",
            "a report on " + workload.describe(),
            "one on " + report.workload().describe());
      }
      return report.reference();
    } catch (IOException e) {
      throw new UsageException(
          "--against", "a file that --json wrote", file + " (" + e.getMessage() + ")", e);
    }
  }
}
