package org.dfp4j.examples.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.data.Part;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Precision;
import org.dfp4j.examples.models.ZooEntry;
import org.dfp4j.examples.study.Recipe;
import org.dfp4j.examples.study.RunPlan;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that decide the runs of a study; null where the user gives none. */
final class StudyOptions {

  @Option(
      names = "--models",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "resnet50,googlenet,vgg16,alexnet",
      completionCandidates = ModelNames.class,
      description = "Some of ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
  private List<String> models;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seeds 1 to N, each with its own weights and order. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--precisions",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "fp32,dfp16",
      description = "What to train in this call. Default: ${DEFAULT-VALUE}.")
  private List<String> precisions;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      defaultValue = RunSettings.FASHION_MNIST,
      description =
          "fashion-mnist, synthetic (drawn shapes), or a folder with one folder of images a class."
              + " Default: ${DEFAULT-VALUE}.")
  private String data;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Passes over the training images. Default: by model.")
  private Integer epochs;

  @Option(
      names = "--train-images",
      paramLabel = "N",
      description = "The first N training images. Default: all.")
  private Integer trainImages;

  @Option(
      names = "--test-images",
      paramLabel = "N",
      description = "Held-out images to test on after each epoch, spread evenly. Default: all.")
  private Integer testImages;

  @Option(
      names = "--size",
      paramLabel = "N",
      description = "Height and width of the images in pixels. Default: by model.")
  private Integer size;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images an iteration. Default: by model.")
  private Integer batch;

  @Option(
      names = "--updater",
      paramLabel = "NAME",
      completionCandidates = UpdaterNames.class,
      description = "One of ${COMPLETION-CANDIDATES}. Default: by model.")
  private String updater;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      description =
          "Of the first iteration; it falls to 0 on a straight line. Default: by model and updater.")
  private Double learningRate;

  @Option(
      names = "--fp32",
      paramLabel = "NAME",
      defaultValue = "stock",
      description =
          "What FP32 runs on: stock, DL4J as it is shipped; onednn, with its oneDNN helpers made to"
              + " load, in a process of their own. Default: ${DEFAULT-VALUE}.")
  private String fp32;

  @Mixin private PolicyOption policy;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description =
          "Folder of the study. Runs that are complete there are not repeated, and others go on"
              + " where they stopped.")
  Path out;

  private final Map<String, ImageData> opened = new HashMap<>();

  /** What to train: all models with the first seed come first. */
  List<RunPlan> plans() {
    if (seeds < 1) {
      throw new UsageException("--seeds", ">= 1", seeds);
    }
    List<Precision> wanted = wantedPrecisions();
    List<ZooEntry> entries = models.stream().map(ModelNames::oneOfMany).distinct().toList();
    List<RunPlan> plans = new ArrayList<>();
    for (long seed = 1; seed <= seeds; seed++) {
      for (ZooEntry entry : entries) {
        for (Precision precision : wanted) {
          plans.add(plan(entry, seed, precision));
        }
      }
    }
    return plans;
  }

  private List<Precision> wantedPrecisions() {
    return precisions.stream().map(StudyOptions::precision).distinct().toList();
  }

  private static Precision precision(String name) {
    try {
      return Precision.byName(name.strip());
    } catch (UsageException e) {
      throw new UsageException("--precisions", "some of fp32, dfp16", name, e);
    }
  }

  private RunPlan plan(ZooEntry entry, long seed, Precision precision) {
    Recipe recipe = Recipe.of(entry);
    String name = updater == null ? recipe.updater().name() : updater;
    double rate = recipe.rateOf(RunSettings.updaterName(name));
    RunSettings settings =
        new RunSettings(
            entry.name(),
            data,
            size == null ? recipe.size() : size,
            batch == null ? recipe.batch() : batch,
            seed,
            name,
            learningRate == null ? rate : learningRate);
    ImageData images = images(settings);
    return new RunPlan(
        settings,
        precision,
        precision == Precision.FP32
            ? "dl4j-" + fp32.toLowerCase(Locale.ROOT)
            : Conversion.byName(policy.name).key(),
        epochs == null ? recipe.epochs() : epochs,
        limit("--train-images", trainImages, images.size(Part.TRAIN)),
        limit("--test-images", testImages, images.size(Part.HELD_OUT)));
  }

  private static int limit(String argument, Integer given, int most) {
    if (given == null) {
      return most;
    }
    if (given > most) {
      throw new UsageException(argument, "<= " + most + ", as many as there are", given);
    }
    return given;
  }

  /** The images of a run, the same for all seeds and both precisions. */
  ImageData images(RunSettings settings) {
    return opened.computeIfAbsent(settings.model(), model -> settings.open());
  }
}
