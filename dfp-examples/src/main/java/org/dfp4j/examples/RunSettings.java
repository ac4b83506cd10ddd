package org.dfp4j.examples;

import java.math.BigDecimal;
import java.nio.file.Path;
import org.dfp4j.examples.data.FashionMnist;
import org.dfp4j.examples.data.FashionMnistFiles;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.data.ImageFolder;
import org.dfp4j.examples.data.Shapes;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.NetworkShape;
import org.dfp4j.examples.models.Task;
import org.dfp4j.examples.models.UpdaterName;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;
import org.nd4j.linalg.learning.config.IUpdater;

/**
 * What decides a training run: with the same settings, two runs in the same precision on one
 * machine give the same numbers.
 *
 * @param model name in the zoo
 * @param data {@code fashion-mnist}, {@code synthetic} or a folder
 * @param size height and width of the images
 * @param batch images an iteration
 * @param seed of initial weights, order of images, dropout and drawn images
 * @param updater name of the updater
 * @param learningRate of the updater; NaN where it has none
 */
public record RunSettings(
    String model,
    String data,
    int size,
    int batch,
    long seed,
    String updater,
    double learningRate) {

  /** The name of the real data set. */
  public static final String FASHION_MNIST = "fashion-mnist";

  /** The name of the drawn images. */
  public static final String SYNTHETIC = "synthetic";

  /** Checks each setting; a {@link UsageException} names the one that is wrong. */
  public RunSettings {
    ZooEntry entry = Zoo.byName(model);
    model = entry.name();
    if (entry.task() == Task.DETECTION || entry.task() == Task.TEXT) {
      throw new UsageException(
          "--model",
          "a model that classifies or segments images, to train it",
          model + ", which " + entry.task().words() + " (plan shows it)");
    }
    if (entry.task() == Task.SEGMENTATION && !data.equals(SYNTHETIC)) {
      throw new UsageException("--data", SYNTHETIC + ", which alone has masks for " + model, data);
    }
    entry.checkSize(size);
    if (batch < 1) {
      throw new UsageException("--batch", ">= 1", batch);
    }
    UpdaterName name = updaterName(updater);
    updater = name.key();
    if (Double.isNaN(name.defaultRate())) {
      if (!Double.isNaN(learningRate)) {
        throw new UsageException("--learning-rate", "none for " + updater, learningRate);
      }
    } else if (!(learningRate > 0) || Double.isInfinite(learningRate)) {
      throw new UsageException("--learning-rate", "> 0", learningRate);
    }
  }

  /** The updater's name as an option gives it. */
  public static UpdaterName updaterName(String name) {
    for (UpdaterName known : UpdaterName.values()) {
      if (known.name().equalsIgnoreCase(name)) {
        return known;
      }
    }
    throw new UsageException("--updater", "one of " + UpdaterName.names(), name);
  }

  /** The model's entry in the catalogue. */
  public ZooEntry entry() {
    return Zoo.byName(model);
  }

  /** Finds the images, and downloads them where that is needed. */
  public ImageData open() {
    int channels = entry().channels();
    return switch (data) {
      case FASHION_MNIST -> new FashionMnist(FashionMnistFiles.standard().locate(), channels, size);
      case SYNTHETIC -> new Shapes(entry().task(), channels, size, seed);
      default -> new ImageFolder(Path.of(data), channels, size);
    };
  }

  /** A new FP32 network with weights from the seed. */
  public Network newNetwork(int classes) {
    return architecture(classes).initialize();
  }

  /** The configuration of the FP32 network. */
  public Architecture architecture(int classes) {
    return entry().build(new NetworkShape(entry().channels(), size, classes, seed, newUpdater()));
  }

  private IUpdater newUpdater() {
    return updaterName(updater).create(learningRate);
  }

  /** Seed of the random numbers of one iteration, the same in both precisions. */
  public long seedOf(int iteration) {
    return seed * 1_000_003 + iteration;
  }

  /** One line for people. */
  public String describe() {
    String rate =
        Double.isNaN(learningRate)
            ? ""
            : ", learning rate "
                + BigDecimal.valueOf(learningRate).stripTrailingZeros().toPlainString();
    return "%s, %d×%d, batch %d, %s%s, seed %d"
        .formatted(model, size, size, batch, updater, rate, seed);
  }
}
