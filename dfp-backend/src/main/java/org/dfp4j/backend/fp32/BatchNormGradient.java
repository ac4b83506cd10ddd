package org.dfp4j.backend.fp32;

/**
 * What the backward pass of a {@link BatchNorm} gives beside the gradient by its input. The arrays
 * are held, not copied.
 */
public final class BatchNormGradient {

  private final float[] gamma;
  private final float[] beta;
  private final TensorSummary diffSrc;

  BatchNormGradient(float[] gamma, float[] beta, TensorSummary diffSrc) {
    this.gamma = gamma;
    this.beta = beta;
    this.diffSrc = diffSrc;
  }

  /** {@code diffGamma} of each channel. */
  public float[] gamma() {
    return gamma;
  }

  /** {@code diffBeta} of each channel. */
  public float[] beta() {
    return beta;
  }

  /** What was found of the gradient by the input. */
  public TensorSummary diffSrc() {
    return diffSrc;
  }
}
