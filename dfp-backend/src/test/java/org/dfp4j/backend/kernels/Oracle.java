package org.dfp4j.backend.kernels;

import java.math.BigDecimal;
import java.math.RoundingMode;

/**
 * The products straight from their definition, with nothing of the code under test: decimal
 * arithmetic for the format, and one loop over all indices for all three sums.
 */
final class Oracle {

  /** Mantissas and exponent by the definition, rounded half to even. */
  private static final class Tensor {
    private final long[] mantissas;
    private final int exponent;

    Tensor(long[] mantissas, int exponent) {
      this.mantissas = mantissas;
      this.exponent = exponent;
    }

    static Tensor of(float[] values) {
      double amax = 0;
      for (float value : values) {
        amax = Math.max(amax, Math.abs(value));
      }
      int exponent = amax == 0 ? -163 : Math.getExponent(amax) - 14;
      long[] mantissas = new long[values.length];
      for (int i = 0; i < values.length; i++) {
        long rounded =
            new BigDecimal(values[i])
                .multiply(powerOfTwo(-exponent))
                .setScale(0, RoundingMode.HALF_EVEN)
                .longValueExact();
        mantissas[i] = Math.max(-32767, Math.min(32767, rounded));
      }
      return new Tensor(mantissas, exponent);
    }
  }

  private Oracle() {}

  static Products products(LayerShape shape, DataSet data) {
    float[] bias = Products.biasValues((int) shape.dstShape()[1]);
    Tensor src = tensor(shape, TensorRole.SRC, data);
    Tensor weights = tensor(shape, TensorRole.WEIGHTS, data);
    Tensor diffDst = tensor(shape, TensorRole.DIFF_DST, data);
    long[] dst = new long[diffDst.mantissas.length];
    long[] diffSrc = new long[src.mantissas.length];
    long[] diffWeights = new long[weights.mantissas.length];
    Term sums =
        (d, s, w) -> {
          dst[d] += src.mantissas[s] * weights.mantissas[w];
          diffSrc[s] += diffDst.mantissas[d] * weights.mantissas[w];
          diffWeights[w] += src.mantissas[s] * diffDst.mantissas[d];
        };
    if (shape instanceof DenseShape dense) {
      forEachTerm(dense, sums);
    } else if (shape instanceof DepthwiseShape depthwise) {
      forEachTerm(depthwise, sums);
    } else {
      forEachTerm(
          shape instanceof ConvShape plane ? Conv3dShape.flat(plane) : (Conv3dShape) shape, sums);
    }
    float[] rounded = rounded(dst, src.exponent + weights.exponent);
    float[] biased = rounded.clone();
    int plane = dst.length / (int) (shape.dstShape()[0] * shape.dstShape()[1]);
    for (int i = 0; i < biased.length; i++) {
      biased[i] += bias[i / plane % bias.length];
    }
    return new Products(
        rounded,
        biased,
        rounded(diffSrc, diffDst.exponent + weights.exponent),
        rounded(diffWeights, src.exponent + diffDst.exponent));
  }

  private static Tensor tensor(LayerShape shape, TensorRole role, DataSet data) {
    return Tensor.of(FloatArrays.read(data.array(shape, role)));
  }

  /** One product of the sums: indices of dst, src and weights. */
  private interface Term {
    void add(int dst, int src, int weights);
  }

  private static void forEachTerm(Conv3dShape v, Term term) {
    ConvShape s = v.plane();
    for (int n = 0; n < s.mb(); n++) {
      for (int o = 0; o < s.oc(); o++) {
        for (int c = 0; c < s.ic(); c++) {
          int dst = (n * s.oc() + o) * v.od();
          int src = (n * s.ic() + c) * v.id();
          int weights = (o * s.ic() + c) * v.kd();
          for (int z = 0; z < v.od(); z++) {
            for (int l = 0; l < v.kd(); l++) {
              int zz = z * v.sd() - v.pd() + l * v.dd();
              if (zz >= 0 && zz < v.id()) {
                forEachTermOfPlanes(s, dst + z, src + zz, weights + l, term);
              }
            }
          }
        }
      }
    }
  }

  private static void forEachTerm(DepthwiseShape s, Term term) {
    ConvShape plane =
        new ConvShape(
            s.mb(), s.ic(), s.ih(), s.iw(), s.oc(), s.oh(), s.ow(), s.kh(), s.kw(), s.sh(), s.sw(),
            s.ph(), s.pw(), s.dh(), s.dw());
    for (int n = 0; n < s.mb(); n++) {
      for (int c = 0; c < s.ic(); c++) {
        for (int m = 0; m < s.multiplier(); m++) {
          int o = c * s.multiplier() + m;
          forEachTermOfPlanes(plane, n * s.oc() + o, n * s.ic() + c, o, term);
        }
      }
    }
  }

  /** The terms of one plane of each tensor, by the planes' numbers. */
  private static void forEachTermOfPlanes(
      ConvShape s, int dstPlane, int srcPlane, int weightsPlane, Term term) {
    for (int y = 0; y < s.oh(); y++) {
      for (int x = 0; x < s.ow(); x++) {
        for (int i = 0; i < s.kh(); i++) {
          for (int j = 0; j < s.kw(); j++) {
            int yy = y * s.sh() - s.ph() + i * s.dh();
            int xx = x * s.sw() - s.pw() + j * s.dw();
            if (yy >= 0 && yy < s.ih() && xx >= 0 && xx < s.iw()) {
              term.add(
                  (dstPlane * s.oh() + y) * s.ow() + x,
                  (srcPlane * s.ih() + yy) * s.iw() + xx,
                  (weightsPlane * s.kh() + i) * s.kw() + j);
            }
          }
        }
      }
    }
  }

  private static void forEachTerm(DenseShape s, Term term) {
    for (int n = 0; n < s.mb(); n++) {
      for (int c = 0; c < s.ic(); c++) {
        for (int o = 0; o < s.oc(); o++) {
          term.add(n * s.oc() + o, n * s.ic() + c, c * s.oc() + o);
        }
      }
    }
  }

  /** The float nearest to {@code sum · 2^exponent}, by way of its exact decimal digits. */
  private static float[] rounded(long[] sums, int exponent) {
    BigDecimal scale = powerOfTwo(exponent);
    float[] rounded = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      BigDecimal exact = BigDecimal.valueOf(Math.abs(sums[i])).multiply(scale);
      float magnitude = Float.parseFloat(exact.toString());
      rounded[i] = sums[i] < 0 ? -magnitude : magnitude;
    }
    return rounded;
  }

  private static BigDecimal powerOfTwo(int exponent) {
    BigDecimal power = BigDecimal.valueOf(2).pow(Math.abs(exponent));
    // 1 / 2^n has n decimal places: the division is exact.
    return exponent >= 0
        ? power
        : BigDecimal.ONE.divide(power, -exponent, RoundingMode.UNNECESSARY);
  }
}
