package org.dfp4j.examples.bench.step;

import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Shipped;
import org.dfp4j.examples.models.UpdaterName;

/**
 * One step, the same for every implementation.
 *
 * @param model name in the zoo
 * @param size height and width of the images
 * @param batch images
 * @param classes of the labels
 * @param updater for all, without regularization; null for the zoo's own and its regularization
 * @param learningRate of the updater; null for its own
 * @param mode training or inference
 * @param seed of the weights and the batch
 */
public record StepSettings(
    String model,
    int size,
    int batch,
    int classes,
    UpdaterName updater,
    Double learningRate,
    Mode mode,
    long seed) {

  /** Checks each setting; a {@link UsageException} names the one that is wrong. */
  public StepSettings {
    Shipped.entry(model).checkSize(size);
    atLeastOne("--batch", batch);
    atLeastOne("--classes", classes);
    if (learningRate != null && !(learningRate > 0 && learningRate < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--learning-rate", "> 0", learningRate);
    }
  }

  private static void atLeastOne(String argument, int value) {
    if (value < 1) {
      throw new UsageException(argument, ">= 1", value);
    }
  }

  /** The same with another number of images. */
  public StepSettings withBatch(int images) {
    return new StepSettings(model, size, images, classes, updater, learningRate, mode, seed);
  }
}
