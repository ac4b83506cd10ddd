package org.dfp4j.examples.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.dfp4j.backend.kernels.KernelReport;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.bench.ProductBench;
import org.dfp4j.examples.bench.step.Baselines;
import org.dfp4j.examples.bench.step.Implementation;
import org.dfp4j.examples.bench.step.Mode;
import org.dfp4j.examples.bench.step.StepBench;
import org.dfp4j.examples.bench.step.StepReport;
import org.dfp4j.examples.bench.step.StepSettings;
import org.dfp4j.examples.bench.step.StepTable;
import org.dfp4j.examples.models.Shipped;
import org.dfp4j.examples.models.UpdaterName;
import org.dfp4j.examples.models.ZooEntry;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures whole steps of a network. */
@Command(
    sortOptions = false,
    name = "step",
    description = {
      "Measures whole training steps (or inference) of a network of the zoo, with its own updater,",
      "regularization and initial weights: DFP-16 beside FP32, each in a process of its own, in"
          + " turns."
    })
public final class BenchStepCommand implements Callable<Integer> {

  private static final long SEED = 1;
  private static final int CLASSES = 1000;
  private static final int SIZE = 224;

  /** Below, the last pooling of ResNet-50 has less than its 3×3 pixels, which PyTorch refuses. */
  private static final int PYTORCH_SIZE = 133;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      defaultValue = "resnet50",
      description = "A model of the zoo that classifies images. Default: ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--batch",
      paramLabel = "N",
      split = ",",
      defaultValue = "8",
      description = "Images; several numbers by commas. Default: ${DEFAULT-VALUE}.")
  private List<Integer> batches;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Height and width of the images. Default: 224; lenet: 28.")
  private Integer size;

  @Option(
      names = "--mode",
      paramLabel = "NAME",
      defaultValue = "train",
      description = "train (fit) or output (inference). Default: ${DEFAULT-VALUE}.")
  private String mode;

  @Option(
      names = "--updater",
      paramLabel = "NAME",
      completionCandidates = UpdaterNames.class,
      description =
          "One of ${COMPLETION-CANDIDATES}, without regularization. Default: the network's own, with"
              + " its regularization; pytorch always runs sgd without.")
  private String updater;

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = "For a network that diverges with its own. Default: its own.")
  private Double learningRate;

  @Option(
      names = "--implementations",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "dl4j-stock,dl4j-onednn,dfp16",
      description =
          "Some of dl4j-stock (FP32 as shipped), dl4j-onednn (FP32 with DL4J's oneDNN helpers made"
              + " to load), dfp16, dfp16-stats (with numerics sampled in every step), pytorch (FP32,"
              + " resnet50 only). Default: ${DEFAULT-VALUE}.")
  private List<String> implementations;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "2",
      description = "Threads of each implementation. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Option(
      names = "--isa",
      paramLabel = "NAME",
      description =
          "The best that DFP-16 may use: amxint8, avx512vnni or avx2. Default: the best that runs"
              + " here.")
  private String isa;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "9",
      description =
          "Rounds; in each, every implementation runs a step, or half a second of them. Default:"
              + " ${DEFAULT-VALUE}.")
  private int steps;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "3",
      description =
          "Steps of each implementation before, at least; up to 40 times as many while Java"
              + " compiles. Default: ${DEFAULT-VALUE}.")
  private int warmUp;

  @Option(
      names = "--one-at-a-time",
      description = "Starts each implementation anew for each turn: less memory, more time.")
  private boolean oneAtATime;

  @Option(
      names = "--profile",
      description = "Shows where DL4J's steps spend their time, by phase and kind of layer.")
  private boolean profile;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all numbers as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    List<Implementation> wanted = Implementation.byNames("--implementations", implementations);
    ZooEntry entry = Shipped.entry(model);
    StepSettings settings = settings(entry);
    if (wanted.contains(Implementation.PYTORCH)) {
      checkPyTorch(settings);
    }
    if (json != null) {
      OutputFiles.checkFile("--json", json);
    }
    KernelReport kernels = Machine.kernels();
    StepBench.Plan plan =
        new StepBench.Plan(
            wanted,
            wanted.stream().anyMatch(Implementation::isDfp16)
                ? KernelRows.row("--isa", isa, kernels)
                : "",
            threads,
            warmUp,
            steps,
            oneAtATime,
            profile);
    StepReport report = measure(plan, settings, kernels.cpu());
    spec.commandLine().getOut().println(StepTable.of(report));
    if (json != null) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(json.toFile(), report);
    }
    return 0;
  }

  private static void checkPyTorch(StepSettings settings) {
    if (settings.updater() != null && settings.updater() != UpdaterName.SGD) {
      throw new UsageException("--updater", "sgd, for pytorch", settings.updater().key());
    }
    if (!settings.model().equals("resnet50")) {
      throw new UsageException("--model", "resnet50, for pytorch", settings.model());
    }
    if (settings.size() < PYTORCH_SIZE) {
      throw new UsageException("--size", ">= " + PYTORCH_SIZE + " for pytorch", settings.size());
    }
  }

  private StepSettings settings(ZooEntry entry) {
    boolean colour = entry.channels() == 3;
    int pixels = size != null ? size : colour ? SIZE : entry.defaultSize();
    StepSettings settings =
        new StepSettings(
            entry.name(),
            pixels,
            batches.get(0),
            CLASSES,
            updater == null ? null : RunSettings.updaterName(updater),
            learningRate,
            Mode.byName("--mode", mode),
            SEED);
    batches.forEach(settings::withBatch); // Says now what is wrong with one.
    return settings;
  }

  private StepReport measure(StepBench.Plan plan, StepSettings settings, String cpu) {
    StepBench bench = new StepBench(plan, Baselines.ofProject());
    double loadAtStart = ProductBench.load();
    List<StepReport.Batch> results = new ArrayList<>();
    try (Progress progress = new ConsoleProgress("bench", batches.size() * plan.progressSteps())) {
      for (int batch : batches) {
        results.add(bench.run(settings.withBatch(batch), progress));
      }
    }
    return new StepReport(
        cpu,
        Runtime.getRuntime().availableProcessors(),
        threads,
        loadAtStart,
        ProductBench.load(),
        Versions.all(),
        settings,
        steps,
        plan.reference(),
        results);
  }
}
