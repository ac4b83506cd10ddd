package org.dfp4j.layers.stats;

/**
 * Accuracy on examples that the network was not trained on.
 *
 * @param iteration number of parameter updates done before it was measured
 * @param accuracy 0 to 1; NaN where the network gives a NaN
 * @param examples how many
 */
public record HeldOut(int iteration, double accuracy, int examples) {

  public HeldOut {
    if (!Double.isNaN(accuracy) && !(accuracy >= 0 && accuracy <= 1)) {
      throw new IllegalArgumentException("accuracy: expected 0 to 1 or NaN, got " + accuracy);
    }
    if (examples < 1) {
      throw new IllegalArgumentException("examples: expected >= 1, got " + examples);
    }
  }
}
