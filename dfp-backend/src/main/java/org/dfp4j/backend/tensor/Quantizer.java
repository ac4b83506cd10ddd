package org.dfp4j.backend.tensor;

import java.util.Objects;
import java.util.stream.IntStream;

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
 * The scaled value {@code y = x · 2^-E} is a float, computed as two products with powers of two:
 *
 * <pre>
 *   y = (x · 2^e1) · 2^e2      e1 = min(-E, 127)      e2 = -E - e1
 * </pre>
 *
 * For the E of the formula above, {@code |y| < 2^15}, both powers are normal floats, and y is exact
 * wherever {@code |y| >= 2^-126}. Below that it is rounded once, to the nearest even subnormal or
 * zero. Arithmetic that flushes subnormals to zero is not allowed: of x it loses tensors below
 * 2^-126, of y it changes what stochastic rounding draws. Then {@link Rounding} applies.
 *
 * <p>The top of the binade saturates: {@code x = 1.9999999} with amax = x has E = -14 and y =
 * 32767.998, which rounds to 32768 and becomes 32767. The mantissa -32768 does not occur.
 *
 * @param rounding how {@code x · 2^-E} is rounded
 * @param headroom unused top bits of the mantissa, 0 to 2
 * @param seed of the random numbers that stochastic rounding draws; ignored by the other modes
 */
public record Quantizer(Rounding rounding, int headroom, long seed) {

  /** Nearest even, all 15 magnitude bits. */
  public static final Quantizer DEFAULT = new Quantizer(Rounding.NEAREST_EVEN, 0, 0);

  /** The exponent of the smallest float, 2^-149, without headroom. */
  public static final int MIN_EXPONENT = -163;

  /** The exponent of the largest floats, 2^127 and above, with a headroom of 2. */
  public static final int MAX_EXPONENT = 115;

  /** Magnitude bits of a mantissa without headroom. */
  static final int MAGNITUDE_BITS = 15;

  /** The largest mantissa without headroom. */
  static final int MAX_MANTISSA = Short.MAX_VALUE;

  private static final int MAX_FLOAT_EXPONENT = 127;
  private static final int FRACTION_BITS = 23;

  public Quantizer {
    Objects.requireNonNull(rounding, "rounding: expected a mode, got null");
    if (headroom < 0 || headroom > 2) {
      throw new IllegalArgumentException("headroom: expected 0 to 2, got " + headroom);
    }
  }

  /** The same rounding and headroom with another seed. */
  public Quantizer withSeed(long newSeed) {
    return new Quantizer(rounding, headroom, newSeed);
  }

  /** The largest mantissa, {@code 32767 >> headroom}. */
  public int limit() {
    return MAX_MANTISSA >> headroom;
  }

  /** Largest {@code |x|}; 0 for no values, NaN where one is NaN, else infinite where one is. */
  public static float amax(float... values) {
    float amax = 0;
    for (float value : values) {
      amax = Math.max(amax, Math.abs(value));
    }
    return amax;
  }

  /**
   * The shared exponent {@code E = floor(log2(amax)) - 14 + headroom}; for amax = 0 that of the
   * smallest float, {@code -163 + headroom}.
   *
   * @param amax largest {@code |x|}: finite and at least 0
   */
  public int exponent(float amax) {
    if (!(amax >= 0 && amax <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("amax: expected a finite number >= 0, got " + amax);
    }
    float positive = Math.max(amax, Float.MIN_VALUE);
    return floorLog2(positive) - (MAGNITUDE_BITS - 1) + headroom;
  }

  /** {@code floor(log2(x))} of a positive float, -149 to 127, from its bits. */
  private static int floorLog2(float x) {
    int bits = Float.floatToRawIntBits(x);
    int subnormalExponent =
        Float.MIN_EXPONENT - FRACTION_BITS + 31 - Integer.numberOfLeadingZeros(bits);
    return x < Float.MIN_NORMAL ? subnormalExponent : (bits >>> FRACTION_BITS) - MAX_FLOAT_EXPONENT;
  }

  /**
   * The mantissa of one value, {@code clamp(round(x · 2^-exponent), -limit, +limit)}.
   *
   * @param x a finite value
   * @param exponent -163 to 115
   * @param index of the element in its tensor, in logical C order (the last dimension varies
   *     fastest) whatever its layout in memory; stochastic rounding draws by it
   */
  public short mantissa(float x, int exponent, long index) {
    if (!Float.isFinite(x)) {
      throw new IllegalArgumentException("x: expected a finite number, got " + x);
    }
    if (exponent < MIN_EXPONENT || exponent > MAX_EXPONENT) {
      throw new IllegalArgumentException(
          "exponent: expected " + MIN_EXPONENT + " to " + MAX_EXPONENT + ", got " + exponent);
    }
    int e1 = Math.min(-exponent, MAX_FLOAT_EXPONENT);
    int e2 = -exponent - e1;
    float y = (x * powerOfTwo(e1)) * powerOfTwo(e2);
    int limit = limit();
    return (short) Math.max(-limit, Math.min(limit, rounding.round(y, seed, index)));
  }

  /** 2^e for a normal float, from bits. */
  private static float powerOfTwo(int e) {
    return Float.intBitsToFloat((e + MAX_FLOAT_EXPONENT) << FRACTION_BITS);
  }

  /**
   * Quantizes a tensor; the result is non-finite where a value is NaN or infinite.
   *
   * @param values in C order; not kept
   * @param shape dimensions, each at least 1; none for a scalar
   */
  public DfpTensor quantize(float[] values, long... shape) {
    Shapes.check("values", values.length, shape);
    float amax = amax(values);
    if (!Float.isFinite(amax)) {
      return DfpTensor.nonFinite(shape);
    }
    int exponent = exponent(amax);
    short[] mantissas = new short[values.length];
    IntStream.range(0, values.length)
        .parallel()
        .forEach(i -> mantissas[i] = mantissa(values[i], exponent, i));
    return DfpTensor.of(mantissas, exponent, shape);
  }
}
