package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;

/**
 * How one op uses DFP-16.
 *
 * <pre>
 *   dst         = src     ⊛ weights     forward
 *   diffSrc     = diffDst ⊛ weightsᵀ    backwardData
 *   diffWeights = src     ⊛ diffDst     backwardWeights
 * </pre>
 *
 * <p>Of a matrix product, a plays src and b the weights. A product that is off is computed by ND4J
 * in FP32.
 *
 * @param forward whether the forward product runs in DFP-16
 * @param backwardData whether the gradient by src is a DFP-16 product
 * @param backwardWeights whether the gradient by the weights is a DFP-16 product
 * @param src rounding of src
 * @param weights rounding of the weights
 * @param diffDst rounding of the gradient by the output
 * @param headroom unused top bits of the mantissas, 0 to 2
 * @param seed of {@link Rounding#STOCHASTIC}; each tensor draws other numbers
 * @param strict whether a NaN or an infinity in an operand is an {@link ArithmeticException}
 */
public record OpPrecision(
    boolean forward,
    boolean backwardData,
    boolean backwardWeights,
    Rounding src,
    Rounding weights,
    Rounding diffDst,
    int headroom,
    long seed,
    boolean strict) {

  /** All three products, nearest even, all 15 magnitude bits, not strict. */
  public static final OpPrecision DEFAULT = rounding(Rounding.NEAREST_EVEN);

  /** Number of integer arguments of an op that hold a precision. */
  static final int INTEGERS = 5;

  /** Number of boolean arguments of an op that hold a precision. */
  static final int BOOLEANS = 4;

  /** A rounding's place is its number among an op's arguments, in saved graphs too. */
  private static final List<Rounding> ROUNDINGS =
      List.of(Rounding.NEAREST_EVEN, Rounding.STOCHASTIC, Rounding.NEAREST_AWAY, Rounding.TRUNCATE);

  public OpPrecision {
    Objects.requireNonNull(src, "src: expected a rounding mode, got null");
    Objects.requireNonNull(weights, "weights: expected a rounding mode, got null");
    Objects.requireNonNull(diffDst, "diffDst: expected a rounding mode, got null");
    if (headroom < 0 || headroom > 2) {
      throw new IllegalArgumentException("headroom: expected 0 to 2, got " + headroom);
    }
  }

  /** All three products, all 15 magnitude bits, not strict, one rounding for all tensors. */
  public static OpPrecision rounding(Rounding rounding) {
    return new OpPrecision(true, true, true, rounding, rounding, rounding, 0, 0, false);
  }

  /** The same with other products on. */
  public OpPrecision withProducts(
      boolean newForward, boolean newBackwardData, boolean newBackwardWeights) {
    return new OpPrecision(
        newForward,
        newBackwardData,
        newBackwardWeights,
        src,
        weights,
        diffDst,
        headroom,
        seed,
        strict);
  }

  /** The same with another headroom. */
  public OpPrecision withHeadroom(int newHeadroom) {
    return new OpPrecision(
        forward, backwardData, backwardWeights, src, weights, diffDst, newHeadroom, seed, strict);
  }

  /** The same with another seed. */
  public OpPrecision withSeed(long newSeed) {
    return new OpPrecision(
        forward, backwardData, backwardWeights, src, weights, diffDst, headroom, newSeed, strict);
  }

  /** The same, strict or not. */
  public OpPrecision withStrict(boolean newStrict) {
    return new OpPrecision(
        forward, backwardData, backwardWeights, src, weights, diffDst, headroom, seed, newStrict);
  }

  /** Whether a tensor is rounded at random. */
  public boolean stochastic() {
    return src == Rounding.STOCHASTIC
        || weights == Rounding.STOCHASTIC
        || diffDst == Rounding.STOCHASTIC;
  }

  /** The quantizer of one tensor; only stochastic rounding depends on the seed. */
  public Quantizer quantizer(TensorRole role) {
    return switch (role) {
      case SRC -> quantizer(src, 1);
      case WEIGHTS -> quantizer(weights, 2);
      case DIFF_DST -> quantizer(diffDst, 3);
    };
  }

  private Quantizer quantizer(Rounding rounding, int tensor) {
    long drawn = rounding == Rounding.STOCHASTIC ? mix(seed + tensor) : 0;
    return new Quantizer(rounding, headroom, drawn);
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection of 64 bits. */
  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }

  /** As integer arguments of an op: src, weights, diffDst (each by its number), headroom, seed. */
  long[] integers() {
    return new long[] {number(src), number(weights), number(diffDst), headroom, seed};
  }

  /** As boolean arguments of an op: forward, backwardData, backwardWeights, strict. */
  boolean[] booleans() {
    return new boolean[] {forward, backwardData, backwardWeights, strict};
  }

  /** Of an op's arguments from the given index on; {@link #DEFAULT} where there are none. */
  static OpPrecision of(List<Long> integers, int from, List<Boolean> booleans) {
    int given = integers.size() - from;
    if (given != INTEGERS && given != 0) {
      throw new IllegalArgumentException(
          "integer arguments: expected %d or %d, got %d"
              .formatted(from, from + INTEGERS, integers.size()));
    }
    if (booleans.size() != BOOLEANS && !booleans.isEmpty()) {
      throw new IllegalArgumentException(
          "boolean arguments: expected 0 or %d, got %d".formatted(BOOLEANS, booleans.size()));
    }
    OpPrecision p = DEFAULT;
    if (given != 0) {
      p =
          new OpPrecision(
              true,
              true,
              true,
              roundingOf("src", integers.get(from)),
              roundingOf("weights", integers.get(from + 1)),
              roundingOf("diffDst", integers.get(from + 2)),
              Math.toIntExact(integers.get(from + 3)),
              integers.get(from + 4),
              false);
    }
    return booleans.isEmpty()
        ? p
        : p.withProducts(booleans.get(0), booleans.get(1), booleans.get(2))
            .withStrict(booleans.get(3));
  }

  /** As properties of an op. */
  void properties(Map<String, Object> written) {
    written.put("forward", forward);
    written.put("backwardData", backwardData);
    written.put("backwardWeights", backwardWeights);
    written.put("roundingOfSrc", src.name());
    written.put("roundingOfWeights", weights.name());
    written.put("roundingOfDiffDst", diffDst.name());
    written.put("headroom", headroom);
    written.put("seed", seed);
    written.put("strict", strict);
  }

  /** The number of a rounding among an op's arguments. */
  static int number(Rounding rounding) {
    return ROUNDINGS.indexOf(rounding);
  }

  /** The rounding of a number among an op's arguments. */
  static Rounding roundingOf(String tensor, long number) {
    if (number < 0 || number >= ROUNDINGS.size()) {
      throw new IllegalArgumentException(
          "rounding of %s: expected 0 to %d, got %d"
              .formatted(tensor, ROUNDINGS.size() - 1, number));
    }
    return ROUNDINGS.get((int) number);
  }
}
