package org.dfp4j.backend.pointwise;

import java.util.Objects;

/**
 * An activation of straight pieces. NaN is neither below nor above a number.
 *
 * <pre>
 *   kind           f(x)                            f'(x)
 *   RELU           0 where x &lt; 0, else x           1 where x &gt; 0, else 0
 *   CLIPPED_RELU   relu(x) where &lt; p, else p       1 where 0 &lt; x &lt; p, else 0
 *   LEAKY_RELU     p·x where x &lt; 0, else x         p where x &lt; 0, else 1
 * </pre>
 *
 * @param kind the formula
 * @param parameter p
 */
public record Rectifier(Kind kind, float parameter) {

  /** A formula. */
  public enum Kind {
    /** Negative values become 0. */
    RELU,
    /** Also, values above p become p. */
    CLIPPED_RELU,
    /** Negative values are multiplied by p. */
    LEAKY_RELU
  }

  /** {@code max(0, x)}. */
  public static final Rectifier RELU = new Rectifier(Kind.RELU, 0);

  public Rectifier {
    Objects.requireNonNull(kind, "kind: expected one, got null");
    boolean positive = kind != Kind.CLIPPED_RELU || parameter > 0;
    if (!Float.isFinite(parameter) || !positive) {
      throw new IllegalArgumentException(
          "parameter: expected a finite value"
              + (kind == Kind.CLIPPED_RELU ? " above 0" : "")
              + ", got "
              + parameter);
    }
  }

  /** ReLU that ends at a value above 0. */
  public static Rectifier clipped(double max) {
    return new Rectifier(Kind.CLIPPED_RELU, (float) max);
  }

  /** ReLU with a slope below 0; slope 1 is the identity. */
  public static Rectifier leaky(double slope) {
    return new Rectifier(Kind.LEAKY_RELU, (float) slope);
  }

  /** Whether {@code f'(x) = f'(f(x))} for every x: the output is enough for the gradient. */
  public boolean isKnownByOutput() {
    return kind != Kind.LEAKY_RELU;
  }

  /** {@code f(x)}. */
  public float value(float x) {
    return switch (kind) {
      case RELU -> x < 0 ? 0 : x;
      case CLIPPED_RELU -> {
        float relu = x < 0 ? 0 : x;
        yield relu < parameter ? relu : parameter;
      }
      case LEAKY_RELU -> x < 0 ? parameter * x : x;
    };
  }

  /** {@code f'(x)·diffDst}, and 0 where f'(x) is 0. */
  public float gradient(float x, float diffDst) {
    return switch (kind) {
      case RELU -> x > 0 ? diffDst : 0;
      case CLIPPED_RELU -> x > 0 && x < parameter ? diffDst : 0;
      case LEAKY_RELU -> x < 0 ? parameter * diffDst : diffDst;
    };
  }
}
