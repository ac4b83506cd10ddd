package org.dfp4j.examples.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.dfp4j.examples.ConsoleProgress;
import org.dfp4j.examples.Interrupt;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.data.Part;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.Precision;
import org.dfp4j.examples.train.Checkpoint;
import org.dfp4j.examples.train.Training;
import org.dfp4j.examples.train.Watch;
import org.dfp4j.examples.ui.TrainingUi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a model in one precision and saves it. */
@Command(
    sortOptions = false,
    name = "train",
    description = {
      "Trains a model of the zoo in one precision and saves it as DL4J's ModelSerializer does.",
      "Ctrl-C saves and stops; --resume goes on from there and gives the bits of a run that was"
          + " never stopped."
    })
public final class TrainCommand implements Callable<Integer> {

  private static final int DEFAULT_ITERATIONS = 100;

  @Mixin private RunOptions run;

  @Option(
      names = "--precision",
      paramLabel = "NAME",
      description =
          "fp32 or dfp16; a resumed network is converted where it is in the other one. Default:"
              + " dfp16, or that of the resumed network.")
  private String precision;

  @Mixin private PolicyOption policy;

  @Option(
      names = "--iterations",
      paramLabel = "N",
      description = "Of the whole run, resumed parts included. Default: 100, or as saved.")
  private Integer iterations;

  @Option(
      names = "--save",
      paramLabel = "FILE",
      description = "Where to save the network. Default: the file of --resume.")
  private Path save;

  @Option(names = "--resume", paramLabel = "FILE", description = "A saved network to go on with.")
  private Path resume;

  @Option(
      names = "--test-images",
      paramLabel = "N",
      defaultValue = "320",
      description = "Held-out images to measure the accuracy on. Default: ${DEFAULT-VALUE}.")
  private int testImages;

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

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path file = target();
    Conversion conversion = Conversion.byName(policy.name);
    if (precision != null) {
      Precision.byName(precision);
    }
    if (testImages < 1) {
      throw new UsageException("--test-images", ">= 1", testImages);
    }
    if (ui) {
      TrainingUi.checkFree(port);
    }
    OutputFiles.checkFile("--save", file);
    return resume == null ? start(file, conversion) : goOn(file, conversion);
  }

  private Path target() {
    if (save == null && resume == null) {
      throw new UsageException("--save", "a file", "none");
    }
    return save == null ? resume : save;
  }

  private int start(Path file, Conversion conversion) throws IOException, InterruptedException {
    RunSettings settings = run.settings();
    Precision wanted = precision == null ? Precision.DFP16 : Precision.byName(precision);
    int length = iterations == null ? DEFAULT_ITERATIONS : iterations;
    if (length < 1) {
      throw new UsageException("--iterations", ">= 1", length);
    }
    Machine.kernels();
    ImageData data = settings.open();
    Network fp32 = settings.newNetwork(data.labels().size());
    Network network = wanted == Precision.FP32 ? fp32 : conversion.toDfp16(fp32);
    Checkpoint.Run plan = new Checkpoint.Run(settings, length, wanted.key(), conversion.key());
    return train(new Checkpoint(network, plan), data, file);
  }

  private int goOn(Path file, Conversion conversion) throws IOException, InterruptedException {
    Checkpoint saved = Checkpoint.load("--resume", resume);
    RunSettings settings = run.resumed(saved.run().settings());
    Machine.kernels();
    ImageData data = settings.open();
    int done = saved.network().iteration();
    int length = iterations == null ? saved.run().iterations() : iterations;
    if (length <= done) {
      throw new UsageException(
          "--iterations", "> " + done + ", as " + resume + " has done so many", length);
    }
    Precision had = Precision.byName(saved.run().precision());
    Precision wanted = precision == null ? had : Precision.byName(precision);
    PrintWriter out = spec.commandLine().getOut();
    out.println("Resuming " + resume + " after iteration " + done + ".");
    Network network = saved.network();
    if (wanted != had) {
      network = conversion.convert(network, wanted);
      out.println("Converted from " + had.title() + " to " + wanted.title() + ".");
    }
    String kind = wanted == had ? saved.run().policy() : conversion.key();
    Checkpoint.Run plan = new Checkpoint.Run(settings, length, wanted.key(), kind);
    return train(new Checkpoint(network, plan), data, file);
  }

  private int train(Checkpoint checkpoint, ImageData data, Path file)
      throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    RunSettings settings = checkpoint.run().settings();
    Network network = checkpoint.network();
    Precision chosen = Precision.byName(checkpoint.run().precision());
    int length = checkpoint.run().iterations();
    out.println(settings.describe());
    out.println("Data: " + data.description());
    out.println(
        chosen == Precision.FP32
            ? "FP32: " + Machine.baseline()
            : "DFP-16: " + Machine.kernels().used());
    out.flush();
    String stopping = "Saving after this iteration; once more Ctrl-C quits at once.";
    try (TrainingUi server = ui ? TrainingUi.start(port) : null;
        Interrupt interrupt = new Interrupt(out, stopping)) {
      Watch watch = Watch.NOBODY;
      if (server != null) {
        String session = settings.model() + " " + chosen.title();
        watch = server.watch(network, session, length, null);
        out.println("UI: " + server.address());
        out.flush();
      }
      Training training = new Training(settings, data, network, watch);
      int steps = length - network.iteration();
      double score;
      try (ConsoleProgress progress = new ConsoleProgress("Training", steps)) {
        score = training.run(length, interrupt::requested, progress);
      }
      if (server != null) {
        server.flush();
      }
      checkpoint.save(file);
      out.printf(
          Locale.ROOT,
          "Saved %s after iteration %d of %d, last score %.3f.%n",
          file,
          network.iteration(),
          length,
          score);
      out.flush();
      if (interrupt.requested()) {
        return Interrupt.EXIT_STATUS;
      }
      int heldOut = Math.min(testImages, data.size(Part.HELD_OUT));
      double accuracy = training.accuracy(heldOut);
      String percent =
          Double.isNaN(accuracy)
              ? "not measured, the network gives NaN"
              : String.format(Locale.ROOT, "%.1f %%", 100 * accuracy);
      out.println("Accuracy on " + heldOut + " held-out images: " + percent);
      if (server != null && !interrupt.requested()) {
        interrupt.message("Stopping the UI.");
        out.println("The UI stays at " + server.address() + " until Ctrl-C.");
        out.flush();
        interrupt.await();
      }
      return 0;
    }
  }
}
