package org.dfp4j.examples.models;

import org.nd4j.linalg.learning.config.IUpdater;

/**
 * What a user may choose about a model of the zoo without changing its architecture.
 *
 * @param channels of the input image
 * @param size height and width of the input image, in pixels
 * @param classes number of classes
 * @param seed of the initial weights
 * @param updater of all parameters
 */
public record NetworkShape(int channels, int size, int classes, long seed, IUpdater updater) {

  /** Checks that the numbers are positive. */
  public NetworkShape {
    if (channels < 1 || size < 1 || classes < 1) {
      throw new IllegalArgumentException(
          "channels, size, classes: expected >= 1, got "
              + String.join(", ", "" + channels, "" + size, "" + classes));
    }
    if (updater == null) {
      throw new IllegalArgumentException("updater: expected an updater, got null");
    }
  }

  int[] inputShape() {
    return new int[] {channels, size, size};
  }
}
