package org.dfp4j.backend.tensor;

/** How a scaled value {@code y = x · 2^-E} becomes the integer mantissa. */
public enum Rounding {
  /** To the nearest integer, ties to the even one (IEEE 754 roundTiesToEven). The default. */
  NEAREST_EVEN,
  /**
   * Up in magnitude with probability {@code frac(|y|)}, down otherwise: unbiased. The random number
   * is a function of the seed and the element's index alone, so every implementation, instruction
   * set and thread count draws the same bit.
   */
  STOCHASTIC,
  /** To the nearest integer, ties away from zero. A legacy mode, for comparison. */
  NEAREST_AWAY,
  /** Towards zero. A legacy mode, for comparison. */
  TRUNCATE
}
