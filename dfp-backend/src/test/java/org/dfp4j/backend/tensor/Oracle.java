package org.dfp4j.backend.tensor;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.SplittableRandom;

/** The format's arithmetic on numbers of unlimited precision, written another way. */
final class Oracle {

  private static final long GAMMA = 0x9E3779B97F4A7C15L;
  private static final BigInteger TWO_64 = BigInteger.ONE.shiftLeft(64);

  private Oracle() {}

  /** 2^e, exact. */
  static BigDecimal powerOfTwo(int e) {
    return e >= 0
        ? new BigDecimal(BigInteger.ONE.shiftLeft(e))
        : new BigDecimal(BigInteger.valueOf(5).pow(-e), -e);
  }

  static BigDecimal scaled(long integer, int exponent) {
    return BigDecimal.valueOf(integer).multiply(powerOfTwo(exponent));
  }

  /** floor(log2(x)) of a positive number. */
  static int floorLog2(float x) {
    // 2^149 · x is an integer for every float.
    return new BigDecimal(x).multiply(powerOfTwo(149)).toBigIntegerExact().bitLength() - 1 - 149;
  }

  static BigInteger round(BigDecimal y, Rounding rounding, long seed, long index) {
    return switch (rounding) {
      case NEAREST_EVEN -> y.setScale(0, RoundingMode.HALF_EVEN).toBigIntegerExact();
      case NEAREST_AWAY -> y.setScale(0, RoundingMode.HALF_UP).toBigIntegerExact();
      case TRUNCATE -> y.toBigInteger();
      case STOCHASTIC -> {
        BigInteger whole = y.abs().toBigInteger();
        BigDecimal fraction = y.abs().subtract(new BigDecimal(whole));
        boolean up = fraction.compareTo(threshold(seed, index)) > 0;
        BigInteger magnitude = up ? whole.add(BigInteger.ONE) : whole;
        yield y.signum() < 0 ? magnitude.negate() : magnitude;
      }
    };
  }

  /** t, from the JDK's SplitMix64. */
  static BigDecimal threshold(long seed, long index) {
    long r = new SplittableRandom(seed + index * GAMMA).nextLong();
    return BigDecimal.valueOf(r >>> 40).multiply(powerOfTwo(-24));
  }

  /**
   * A seed whose threshold at the given index is {@code threshold · 2^-24}: SplitMix64 backwards.
   */
  static long seedFor(int threshold, long index) {
    long z = (long) threshold << 40;
    z = unxor(z, 31) * inverse(0x94D049BB133111EBL);
    z = unxor(z, 27) * inverse(0xBF58476D1CE4E5B9L);
    z = unxor(z, 30);
    return z - (index + 1) * GAMMA;
  }

  /** The x of which {@code x ^ (x >>> shift)} is given; shift is above 64/3. */
  private static long unxor(long given, int shift) {
    return given ^ (given >>> shift) ^ (given >>> (2 * shift));
  }

  private static long inverse(long odd) {
    return BigInteger.valueOf(odd).mod(TWO_64).modInverse(TWO_64).longValue();
  }

  static long clamp(BigInteger x, long limit) {
    return x.min(BigInteger.valueOf(limit)).max(BigInteger.valueOf(-limit)).longValueExact();
  }

  /** Whether no float is nearer to v, and on a tie the float is the even one. */
  static boolean isNearest(float candidate, BigDecimal v) {
    BigDecimal error = distance(candidate, v);
    for (float neighbour : new float[] {Math.nextUp(candidate), Math.nextDown(candidate)}) {
      int order = error.compareTo(distance(neighbour, v));
      boolean even = (Float.floatToRawIntBits(candidate) & 1) == 0;
      if (neighbour != candidate && (order > 0 || (order == 0 && !even))) {
        return false;
      }
    }
    return true;
  }

  /** Infinity counts as 2^128, the float that would follow; beyond it nothing is nearer. */
  private static BigDecimal distance(float x, BigDecimal v) {
    if (Float.isInfinite(x)) {
      BigDecimal next = powerOfTwo(128);
      return v.abs().compareTo(next) >= 0 && v.signum() == Math.signum(x)
          ? BigDecimal.ZERO
          : v.subtract(x > 0 ? next : next.negate()).abs();
    }
    return v.subtract(new BigDecimal(x)).abs();
  }
}
