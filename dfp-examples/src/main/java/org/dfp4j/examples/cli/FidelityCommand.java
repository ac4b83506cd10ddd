package org.dfp4j.examples.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.bench.LayerKind;
import org.dfp4j.examples.bench.ShapeList;
import org.dfp4j.examples.numerics.Fidelity;
import org.dfp4j.examples.numerics.FidelityReport;
import org.dfp4j.examples.numerics.FidelitySettings;
import org.dfp4j.examples.numerics.FidelityTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures how close the products of a convolution are to FP64. */
@Command(
    sortOptions = false,
    name = "fidelity",
    description = {
      "Measures how close the three products of a convolution are to FP64, in dB: DFP-16 beside",
      "FP32, BF16 and INT8, for normal and for heavy-tailed values."
    })
public final class FidelityCommand implements Callable<Integer> {

  @Option(
      names = "--model",
      paramLabel = "NAME|FILE",
      defaultValue = "resnet50",
      description =
          "Whose shapes: resnet50, resnet50-zoo, vgg16, alexnet, googlenet, edge, or a file."
              + " Default: ${DEFAULT-VALUE}.")
  private String model;

  @Option(
      names = "--layers",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "res3a_branch2b",
      description = "Shapes by name; all: every one of the model. Default: ${DEFAULT-VALUE}.")
  private List<String> layers;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "4",
      description = "Images. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--values",
      paramLabel = "NAME",
      split = ",",
      completionCandidates = AllValues.class,
      description =
          "What src and diffDst hold: some of ${COMPLETION-CANDIDATES}, where outlierK is a normal"
              + " with one value of 2^K. Default: all.")
  private List<String> values;

  @Option(
      names = "--policy-values",
      paramLabel = "NAME",
      defaultValue = "outlier12",
      description = "The same for the comparison of policies. Default: ${DEFAULT-VALUE}.")
  private String policyValues;

  @Option(
      names = "--draws",
      paramLabel = "N",
      defaultValue = "3",
      description = "Draws of tensors, of which medians are taken. Default: ${DEFAULT-VALUE}.")
  private int draws;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of the draws. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--json", paramLabel = "FILE", description = "Writes all numbers as JSON.")
  private Path json;

  @Spec private CommandSpec spec;

  /** The names of all values, for help and completion. */
  static final class AllValues implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return FidelitySettings.allValues().iterator();
    }
  }

  @Override
  public Integer call() throws IOException {
    ShapeList shapes = ShapeList.of(LayerKind.CONVOLUTION, "--model", model);
    if (!layers.equals(List.of("all"))) {
      shapes = shapes.only("--layers", layers);
    }
    List<String> wanted = values == null ? FidelitySettings.allValues() : values;
    FidelitySettings settings =
        new FidelitySettings(shapes, batch, wanted, policyValues, draws, seed);
    if (json != null) {
      OutputFiles.checkFile("--json", json);
    }
    Fidelity fidelity = new Fidelity(settings);
    FidelityReport report;
    try (Progress progress = new ConsoleProgress("fidelity", fidelity.steps())) {
      report = fidelity.run(progress);
    }
    spec.commandLine().getOut().println(FidelityTable.of(report));
    OutputFiles.writeJson(json, report);
    return 0;
  }
}
