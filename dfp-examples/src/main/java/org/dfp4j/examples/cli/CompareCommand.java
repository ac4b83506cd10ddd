package org.dfp4j.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Interrupt;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.compare.Comparison;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.LinearDecay;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.ui.TrainingUi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a model in FP32 and in DFP-16 from the same weights on the same batches. */
@Command(
    sortOptions = false,
    name = "compare",
    description = {
      "Trains a model of the zoo twice, in FP32 and in DFP-16, from the same initial weights on the"
          + " same batches, and reports scores, accuracy and time.",
      "The zoo's own updaters and some of its initial weights hardly train, so a model starts with"
          + " an updater, a learning rate and weights that do, the same for both networks; the"
          + " command prints them. The rate falls to 0 on a straight line, so that the accuracies"
          + " are of networks that have settled. The architecture is the zoo's."
    })
public final class CompareCommand implements Callable<Integer> {

  private static final int DEFAULT_ITERATIONS = 100;
  private static final double DEFAULT_MINUTES = 5.5;

  @Mixin private RunOptions run;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Default: 100, or what 5.5 minutes allow.")
  private Integer iterations;

  @Option(
      names = "--minutes",
      paramLabel = "X",
      description = "Stop training after so many minutes. Default: 5.5 without --iterations.")
  private Double minutes;

  @Option(
      names = "--test-images",
      paramLabel = "N",
      defaultValue = "320",
      description = "Held-out images to measure the accuracy on. Default: ${DEFAULT-VALUE}.")
  private int testImages;

  @Mixin private PolicyOption policy;

  @Option(
      names = "--ui",
      negatable = true,
      description = "Report to a DL4J UI server, which stays up until Ctrl-C. Default: --no-ui.")
  private boolean ui;

  @Option(
      names = "--port",
      paramLabel = "N",
      defaultValue = "9000",
      description = "Of the UI server. Default: ${DEFAULT-VALUE}.")
  private int port;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "out",
      description =
          "Folder for compare.json, compare.csv and compare.png. Default: ${DEFAULT-VALUE}.")
  private Path folder;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    RunSettings settings = run.settings();
    Conversion conversion = Conversion.byName(policy.name);
    checkNumbers();
    if (ui) {
      TrainingUi.checkFree(port);
    }
    OutputFiles.prepareFolder("--out", folder);
    KernelReport kernels = Machine.kernels();
    ImageData data = settings.open();

    boolean hasRate = !Double.isNaN(settings.learningRate());
    String decay = hasRate ? ", rate falling to 0 over " + limit() + " iterations" : "";
    out.println(settings.describe() + decay);
    if (!settings.entry().note().isEmpty()) {
      out.println("Note: " + settings.entry().note() + ".");
    }
    out.println("Data: " + data.description());
    out.println("FP32: " + Machine.baseline() + ", " + Machine.threads() + " threads");
    out.println("DFP-16: " + kernels.used() + ", " + kernels.threads() + " threads");
    out.flush();

    Architecture architecture = settings.architecture(data.labels().size());
    LinearDecay.apply(architecture, limit());
    Network fp32 = architecture.initialize();
    Network dfp16 = conversion.toDfp16(fp32);
    out.println(conversion.plan(fp32).summary());
    Comparison comparison = new Comparison(settings, data, fp32, dfp16);
    String stopping = "Stopping after this iteration; once more Ctrl-C quits at once.";
    try (TrainingUi server = ui ? TrainingUi.start(port) : null;
        Interrupt interrupt = new Interrupt(out, stopping)) {
      if (server != null) {
        comparison.watch(
            server.watch(fp32, settings.model() + " FP32", limit(), null),
            server.watch(dfp16, settings.model() + " DFP-16", limit(), conversion.plan(fp32)));
        out.println("UI: " + server.address());
      }
      train(comparison, interrupt, out);
      if (server != null) {
        server.flush();
      }
      CompareReport report =
          new CompareReport(comparison, settings, data, conversion, testImages, folder);
      report.write();
      if (!interrupt.requested()) {
        report.measure(out);
      }
      report.print(out);
      if (server != null && !interrupt.requested()) {
        interrupt.message("Stopping the UI.");
        out.println("The UI stays at " + server.address() + " until Ctrl-C.");
        out.flush();
        interrupt.await();
        return 0;
      }
      return interrupt.requested() ? Interrupt.EXIT_STATUS : 0;
    }
  }

  private void checkNumbers() {
    if (limit() < 1) {
      throw new UsageException("--iterations", ">= 1", iterations);
    }
    if (minutes != null && !(minutes > 0)) {
      throw new UsageException("--minutes", "> 0", minutes);
    }
    if (testImages < 1) {
      throw new UsageException("--test-images", ">= 1", testImages);
    }
  }

  private int limit() {
    return iterations == null ? DEFAULT_ITERATIONS : iterations;
  }

  private void train(Comparison comparison, Interrupt interrupt, PrintWriter out) {
    double allowed =
        minutes != null ? minutes : iterations == null ? DEFAULT_MINUTES : Double.POSITIVE_INFINITY;
    long start = System.nanoTime();
    BooleanSupplier late =
        () -> (System.nanoTime() - start) / 1e9 > allowed * Duration.ofMinutes(1).toSeconds();
    out.flush();
    try (ConsoleProgress progress = new ConsoleProgress("Training", limit())) {
      comparison.train(limit(), () -> interrupt.requested() || late.getAsBoolean(), progress);
    }
    int done = comparison.fp32().scores().size();
    if (done < limit()) {
      String why = interrupt.requested() ? "Ctrl-C" : allowed + " minutes are over (--minutes)";
      out.println("Stopped after " + done + " of " + limit() + " iterations: " + why + ".");
    }
  }
}
