package org.dfp4j.backend.pointwise;

/**
 * A function of each element, {@code f(affine(x))}.
 *
 * @param affine of the element's channel; null for the identity
 * @param f null for the identity
 */
public record Pointwise(ChannelAffine affine, Rectifier f) {

  /** {@code x}. */
  public static final Pointwise IDENTITY = new Pointwise(null, null);

  /** This function and then an activation; this has none yet. */
  public Pointwise then(Rectifier next) {
    if (f != null) {
      throw new IllegalStateException("f: expected none, got " + f);
    }
    return new Pointwise(affine, next);
  }

  /** The value of one element. */
  public float value(int channel, float x) {
    float y = affine == null ? x : affine.value(channel, x);
    return f == null ? y : f.value(y);
  }

  /**
   * {@code f'(affine(x))·diffDst}: what of a gradient by this function's value goes on to that of
   * {@code affine(x)}.
   */
  public float throughActivation(int channel, float x, float diffDst) {
    return f == null ? diffDst : f.gradient(affine == null ? x : affine.value(channel, x), diffDst);
  }
}
