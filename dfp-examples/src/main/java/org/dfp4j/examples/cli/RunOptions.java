package org.dfp4j.examples.cli;

import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Task;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;
import picocli.CommandLine.Option;

/** The options that decide a training run; null where the user gives none. */
final class RunOptions {

  private static final String DEFAULT_MODEL = "resnet50";
  private static final int DEFAULT_BATCH = 16;
  private static final long DEFAULT_SEED = 1;

  @Option(
      names = "--model",
      paramLabel = "NAME",
      completionCandidates = ModelNames.class,
      description = "A model of the DL4J zoo: ${COMPLETION-CANDIDATES}. Default: resnet50.")
  String model;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description =
          "fashion-mnist (from Debian's package dataset-fashion-mnist, else downloaded), synthetic"
              + " (drawn shapes), or a folder with one folder of images a class."
              + " Default: fashion-mnist; unet, which needs masks: synthetic.")
  String data;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Height and width of the images in pixels. Default: by model; resnet50: 96.")
  Integer size;

  @Option(names = "--batch", paramLabel = "N", description = "Images an iteration. Default: 16.")
  Integer batch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Of initial weights, order of images, dropout. Default: 1.")
  Long seed;

  @Option(
      names = "--updater",
      paramLabel = "NAME",
      completionCandidates = UpdaterNames.class,
      description = "One of ${COMPLETION-CANDIDATES}. Default: by model; resnet50: adam.")
  String updater;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description = "Default: by model and updater; resnet50 with adam: 0.0005.")
  Double learningRate;

  /** Fills in what the user did not give. */
  RunSettings settings() {
    ZooEntry entry = Zoo.byName(orElse(model, DEFAULT_MODEL));
    String name = orElse(updater, entry.training().updater().name());
    double defaultRate = entry.training().rateOf(RunSettings.updaterName(name));
    return new RunSettings(
        entry.name(),
        orElse(data, defaultData(entry)),
        orElse(size, entry.defaultSize()),
        orElse(batch, DEFAULT_BATCH),
        orElse(seed, DEFAULT_SEED),
        name,
        orElse(learningRate, defaultRate));
  }

  /** The saved settings, where the user gives no other ones. */
  RunSettings resumed(RunSettings saved) {
    same("--model", model == null ? null : Zoo.byName(model).name(), saved.model());
    same("--data", data, saved.data());
    same("--size", size, saved.size());
    same("--batch", batch, saved.batch());
    same("--seed", seed, saved.seed());
    same("--updater", updater, saved.updater());
    same("--learning-rate", learningRate, saved.learningRate());
    return saved;
  }

  private static void same(String argument, Object given, Object saved) {
    if (given != null && !given.equals(saved)) {
      throw new UsageException(argument, saved + ", as in the resumed run", given);
    }
  }

  private static String defaultData(ZooEntry entry) {
    return entry.task() == Task.SEGMENTATION ? RunSettings.SYNTHETIC : RunSettings.FASHION_MNIST;
  }

  private static <T> T orElse(T value, T other) {
    return value == null ? other : value;
  }
}
