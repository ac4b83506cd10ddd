package org.dfp4j.examples.study;

import java.util.List;
import org.dfp4j.examples.models.UpdaterName;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;

/**
 * How the study trains a model where the command says nothing else: chosen for FP32, and used for
 * both precisions.
 *
 * @param model name in {@link Zoo}
 * @param size height and width of the images
 * @param batch images an iteration
 * @param updater of all parameters
 * @param rate learning rate of the first iteration, from which it falls to 0 on a straight line
 * @param epochs passes over the training images
 */
public record Recipe(
    String model, int size, int batch, UpdaterName updater, double rate, int epochs) {

  private static final int BATCH = 32;
  private static final int EPOCHS = 10;

  private static final List<Recipe> TABLE =
      List.of(
          new Recipe("resnet50", 96, 16, UpdaterName.ADAM, 0.0005, 20),
          new Recipe("googlenet", 64, 16, UpdaterName.ADAM, 0.0002, 20),
          new Recipe("vgg16", 32, 16, UpdaterName.ADAM, 0.0001, 16),
          new Recipe("alexnet", 64, 16, UpdaterName.ADAM, 0.0001, 16),
          new Recipe("lenet", 28, 64, UpdaterName.ADAM, 0.001, 10));

  /** The table's row of a model; for others, what {@link Zoo} says. */
  public static Recipe of(ZooEntry entry) {
    return TABLE.stream()
        .filter(row -> row.model.equals(entry.name()))
        .findFirst()
        .orElseGet(
            () ->
                new Recipe(
                    entry.name(),
                    entry.defaultSize(),
                    BATCH,
                    entry.training().updater(),
                    entry.training().rate(),
                    EPOCHS));
  }

  /** This rate for this updater; any other updater's own default. */
  public double rateOf(UpdaterName other) {
    return other == updater ? rate : other.defaultRate();
  }
}
