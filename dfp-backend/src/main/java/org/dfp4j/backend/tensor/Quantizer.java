package org.dfp4j.backend.tensor;

import java.util.Objects;

/**
 * How FP32 values become a DFP-16 tensor: the rounding, the headroom and, for {@link
 * Rounding#STOCHASTIC}, the seed.
 *
 * <pre>
 *   amax = max_i |x[i]|
 *   E    = floor(log2(amax)) - 14 + headroom
 *   I[i] = clamp(round(x[i] · 2^-E), -limit, +limit)      limit = 32767 >> headroom
 * </pre>
 *
 * @param rounding how {@code x · 2^-E} is rounded
 * @param headroom unused top bits of the mantissa, 0 to 2
 * @param seed of the random numbers that stochastic rounding draws; ignored by the other modes
 */
public record Quantizer(Rounding rounding, int headroom, long seed) {

  /** Nearest even, all 15 magnitude bits. */
  public static final Quantizer DEFAULT = new Quantizer(Rounding.NEAREST_EVEN, 0, 0);

  public Quantizer {
    Objects.requireNonNull(rounding, "rounding: expected a mode, got null");
    if (headroom < 0 || headroom > 2) {
      throw new IllegalArgumentException("headroom: expected 0 to 2, got " + headroom);
    }
  }
}
