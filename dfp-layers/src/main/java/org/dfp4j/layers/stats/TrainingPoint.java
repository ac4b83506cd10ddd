package org.dfp4j.layers.stats;

/**
 * One training iteration.
 *
 * @param iteration number of parameter updates done before it
 * @param score of its batch, regularization included; may be NaN or infinite
 * @param seconds it took; NaN where nobody measured
 * @param examples in its batch; 0 where not known
 */
public record TrainingPoint(int iteration, double score, double seconds, int examples) {

  public TrainingPoint {
    if (iteration < 0) {
      throw new IllegalArgumentException("iteration: expected >= 0, got " + iteration);
    }
    if (examples < 0) {
      throw new IllegalArgumentException("examples: expected >= 0, got " + examples);
    }
  }
}
