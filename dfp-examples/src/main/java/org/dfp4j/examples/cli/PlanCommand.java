package org.dfp4j.examples.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.NetworkShape;
import org.dfp4j.examples.models.Task;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Says what a conversion would do to each layer of a model. */
@Command(
    sortOptions = false,
    name = "plan",
    description = "Shows what runs in DFP-16 and what stays in FP32, layer by layer, and why.")
public final class PlanCommand implements Callable<Integer> {

  private static final int CLASSES = 10;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "NAME",
      completionCandidates = ModelNames.class,
      description = "A model of the DL4J zoo: ${COMPLETION-CANDIDATES}.")
  private String model;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Height and width of the images in pixels. Default: by model.")
  private Integer size;

  @Mixin private PolicyOption policy;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Conversion conversion = Conversion.byName(policy.name);
    ZooEntry entry = Zoo.byName(model);
    int pixels = size == null ? entry.defaultSize() : size;
    int channels = Math.max(1, entry.channels());
    NetworkShape shape = new NetworkShape(channels, pixels, CLASSES, 1, new Sgd());
    PrintWriter out = spec.commandLine().getOut();
    out.println(
        entry.task() == Task.TEXT
            ? "%s, %d characters".formatted(entry.name(), pixels)
            : "%s, %d×%d, %d classes".formatted(entry.name(), pixels, pixels, CLASSES));
    if (!entry.note().isEmpty()) {
      out.println("Note: " + entry.note() + ".");
    }
    out.println(conversion.plan(entry.build(shape)));
    return 0;
  }
}
