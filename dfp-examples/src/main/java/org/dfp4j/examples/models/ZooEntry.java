package org.dfp4j.examples.models;

import java.util.function.Function;
import org.dfp4j.examples.UsageException;

/**
 * One model of the zoo.
 *
 * @param name in lower case
 * @param task what it is for
 * @param channels of its input image; 0 for text
 * @param defaultSize height and width that the commands use where the user gives none
 * @param sizes the sizes its architecture can take
 * @param training the updater and learning rate where the user gives none
 * @param note what a user should know about it, or an empty string
 * @param builder gives the configuration
 */
public record ZooEntry(
    String name,
    Task task,
    int channels,
    int defaultSize,
    Sizes sizes,
    Training training,
    String note,
    Function<NetworkShape, Architecture> builder) {

  /**
   * Input sizes: {@code minimum, minimum + step, ...} up to {@code maximum}.
   *
   * @param minimum in pixels
   * @param maximum in pixels
   * @param step in pixels
   */
  public record Sizes(int minimum, int maximum, int step) {

    static Sizes from(int minimum) {
      return new Sizes(minimum, Integer.MAX_VALUE, 1);
    }

    static Sizes multiplesOf(int step) {
      return new Sizes(step, Integer.MAX_VALUE, step);
    }

    static Sizes between(int minimum, int maximum) {
      return new Sizes(minimum, maximum, 1);
    }

    boolean contains(int size) {
      return size >= minimum && size <= maximum && (size - minimum) % step == 0;
    }

    @Override
    public String toString() {
      if (minimum == maximum) {
        return Integer.toString(minimum);
      }
      String top = maximum == Integer.MAX_VALUE ? "" : " and <= " + maximum;
      return step == 1 ? ">= " + minimum + top : "a multiple of " + step;
    }
  }

  /**
   * How to train a model.
   *
   * @param updater of all parameters
   * @param rate its learning rate
   */
  public record Training(UpdaterName updater, double rate) {

    /** This rate for this updater; any other updater's own default. */
    public double rateOf(UpdaterName other) {
      return other == updater ? rate : other.defaultRate();
    }
  }

  /** The configuration; a {@link UsageException} names a size that the architecture cannot take. */
  public Architecture build(NetworkShape shape) {
    checkSize(shape.size());
    return builder.apply(shape);
  }

  /** Throws a {@link UsageException} where the architecture cannot take this input size. */
  public void checkSize(int size) {
    if (!sizes.contains(size)) {
      throw new UsageException("--size", sizes + " for " + name, size);
    }
  }
}
