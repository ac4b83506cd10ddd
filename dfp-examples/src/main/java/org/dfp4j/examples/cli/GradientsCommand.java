package org.dfp4j.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.ZooEntry;
import org.dfp4j.examples.numerics.GradientReport;
import org.dfp4j.examples.numerics.GradientSettings;
import org.dfp4j.examples.numerics.GradientTable;
import org.dfp4j.examples.numerics.Gradients;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares the gradients of whole networks with FP64. */
@Command(
    sortOptions = false,
    name = "gradients",
    description = {
      "Compares the gradients of whole networks with FP64, layer by layer: of DFP-16, FP32 and BF16,",
      "before and after some iterations of training in FP32."
    })
public final class GradientsCommand implements Callable<Integer> {

  @Option(
      names = "--models",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "lenet,resnet50,vgg16",
      completionCandidates = ModelNames.class,
      description = "Some of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<String> models;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      defaultValue = RunSettings.FASHION_MNIST,
      description =
          "fashion-mnist, synthetic or a folder, as for train. Default: ${DEFAULT-VALUE}.")
  private String data;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Height and width of the images in pixels. Default: by model.")
  private Integer size;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "16",
      description = "Images. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of initial weights and order of images. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      split = ",",
      defaultValue = "0,50",
      description =
          "Training iterations in FP32 after which to compare. Default: ${DEFAULT-VALUE}.")
  private List<Integer> iterations;

  @Option(
      names = "--by-product",
      description = "Also networks with one of the three products in DFP-16, the others in FP32.")
  private boolean byProduct;

  @Option(
      names = "--smooth",
      description =
          "Compare with softplus in place of rectifiers and mean in place of maximum pooling:"
              + " rounding errors alone, without decisions that flip.")
  private boolean smooth;

  @Option(names = "--summary", description = "Leave out the tables of layers.")
  private boolean summary;

  @Mixin private PolicyOption policy;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all numbers as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    GradientSettings settings =
        new GradientSettings(
            models.stream().map(this::run).toList(),
            iterations,
            Conversion.byName(policy.name),
            byProduct,
            smooth);
    if (json != null) {
      OutputFiles.checkFile("--json", json);
    }
    Gradients gradients = new Gradients(settings);
    PrintWriter out = spec.commandLine().getOut();
    out.println(GradientTable.header(smooth));
    GradientReport report;
    try (Progress progress = new ConsoleProgress("gradients", gradients.steps())) {
      report =
          gradients.run(
              progress,
              run -> {
                out.println(GradientTable.of(run, !summary));
                out.flush();
              });
    }
    OutputFiles.writeJson(json, report);
    return 0;
  }

  private RunSettings run(String model) {
    ZooEntry entry = ModelNames.oneOfMany(model);
    return new RunSettings(
        entry.name(),
        data,
        size == null ? entry.defaultSize() : size,
        batch,
        seed,
        entry.training().updater().name(),
        entry.training().rate());
  }
}
