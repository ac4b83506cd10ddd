package org.dfp4j.backend.fp32;

/**
 * Local response normalization across channels.
 *
 * <pre>
 *   u       = k + alpha · Σ x²    over the channel and as many as {@code half} on either side
 *   scale   = u^-beta
 *   dst     = x · scale
 *   t       = Σ dst · diffDst     over the same channels
 *   diffSrc = diffDst · scale - t · x / u · (2·alpha·beta)
 * </pre>
 *
 * <p>Sums are FP32: the channel itself, then its neighbours by distance, the one before first.
 * {@code scale} is computed in FP64 from square roots and rounded once; all else is FP32.
 *
 * @param half neighbours on either side, at least 0
 * @param k finite, in FP32 too
 * @param alpha as k
 * @param beta a multiple of 0.25 from 0.25 to 16
 */
public record ResponseNorm(int half, double k, double alpha, double beta) {

  private static final int MAX_HALF = 1 << 20;
  private static final int MAX_BETA = 16;

  public ResponseNorm {
    if (half < 0 || half > MAX_HALF) {
      throw new IllegalArgumentException("half: expected 0 to " + MAX_HALF + ", got " + half);
    }
    checkFinite("k", k);
    checkFinite("alpha", alpha);
    if (!supports(beta)) {
      throw new IllegalArgumentException(
          "beta: expected a multiple of 0.25 from 0.25 to " + MAX_BETA + ", got " + beta);
    }
  }

  private static void checkFinite(String argument, double value) {
    if (!Float.isFinite((float) value)) {
      throw new IllegalArgumentException(
          argument + ": expected a value that is finite in FP32, got " + value);
    }
  }

  /** Whether there are kernels for the exponent. */
  public static boolean supports(double beta) {
    return beta > 0 && beta <= MAX_BETA && 4 * beta == Math.rint(4 * beta);
  }

  int quarters() {
    return (int) Math.rint(4 * beta);
  }

  /** {@code 2·alpha·beta}. */
  float slope() {
    return (float) (2 * alpha * beta);
  }
}
