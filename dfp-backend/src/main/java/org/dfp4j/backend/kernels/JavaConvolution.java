package org.dfp4j.backend.kernels;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.dfp4j.backend.tensor.ExactFloat;

/**
 * The three products of a convolution over int16 mantissas in C order, summed in int64.
 *
 * <p>All are the same loop over {@code n, o, c, i, j, y, x} of
 *
 * <pre>
 *   dst[n, o, y, x]  weights[o, c, i, j]  src[n, c, y·sh - ph + i·dh, x·sw - pw + j·dw]
 * </pre>
 *
 * with the sum over what the output lacks. Planes of the output are computed in parallel.
 */
final class JavaConvolution {

  private final ConvShape shape;
  private final int exponent;
  private final Axis rows;
  private final Axis columns;

  /** The exponent is the sum of the operands' exponents. */
  JavaConvolution(ConvShape shape, int exponent) {
    this.shape = shape;
    this.exponent = exponent;
    this.rows = new Axis(shape.ih(), shape.oh(), shape.sh(), shape.ph(), shape.dh());
    this.columns = new Axis(shape.iw(), shape.ow(), shape.sw(), shape.pw(), shape.dw());
  }

  /** One axis: output position p under tap t reads input position {@code at(p, t)}. */
  private record Axis(int in, int out, int stride, int pad, int dilation) {

    int at(int position, int tap) {
      return (int) ((long) position * stride + offset(tap));
    }

    private long offset(int tap) {
      return (long) tap * dilation - pad;
    }

    /** The first output position whose input position is not below 0. */
    int first(int tap) {
      return offset(tap) >= 0 ? 0 : (int) Math.min(out, -Math.floorDiv(offset(tap), (long) stride));
    }

    /** The first output position whose input position is not below {@code in}. */
    int end(int tap) {
      return (int) Math.min(out, Math.floorDiv(in - 1 - offset(tap), (long) stride) + 1);
    }
  }

  void forward(short[] src, short[] weights, float[] bias, float[] dst) {
    int plane = shape.oh() * shape.ow();
    parallel(
        shape.mb() * shape.oc(),
        no -> {
          int n = no / shape.oc();
          int o = no % shape.oc();
          long[] sums = new long[plane];
          for (int c = 0; c < shape.ic(); c++) {
            for (int i = 0; i < shape.kh(); i++) {
              for (int j = 0; j < shape.kw(); j++) {
                addProducts(sums, weights[weight(o, c, i, j)], src, srcPlane(n, c), i, j);
              }
            }
          }
          for (int p = 0; p < plane; p++) {
            float rounded = ExactFloat.scaled(sums[p], exponent);
            dst[no * plane + p] = bias == null ? rounded : rounded + bias[o];
          }
        });
  }

  /** {@code sums[y, x] += w · src[at(y, i), at(x, j)]}. */
  private void addProducts(long[] sums, long w, short[] src, int plane, int i, int j) {
    int end = columns.end(j);
    for (int y = rows.first(i); y < rows.end(i); y++) {
      int from = plane + rows.at(y, i) * shape.iw() + columns.at(0, j);
      int to = y * shape.ow();
      for (int x = columns.first(j); x < end; x++) {
        sums[to + x] += w * src[from + x * shape.sw()];
      }
    }
  }

  void backwardData(short[] diffDst, short[] weights, float[] diffSrc) {
    int plane = shape.ih() * shape.iw();
    parallel(
        shape.mb() * shape.ic(),
        nc -> {
          int n = nc / shape.ic();
          int c = nc % shape.ic();
          long[] sums = new long[plane];
          for (int o = 0; o < shape.oc(); o++) {
            for (int i = 0; i < shape.kh(); i++) {
              for (int j = 0; j < shape.kw(); j++) {
                spreadProducts(sums, weights[weight(o, c, i, j)], diffDst, dstPlane(n, o), i, j);
              }
            }
          }
          for (int p = 0; p < plane; p++) {
            diffSrc[nc * plane + p] = ExactFloat.scaled(sums[p], exponent);
          }
        });
  }

  /** {@code sums[at(y, i), at(x, j)] += w · diffDst[y, x]}. */
  private void spreadProducts(long[] sums, long w, short[] diffDst, int plane, int i, int j) {
    int end = columns.end(j);
    for (int y = rows.first(i); y < rows.end(i); y++) {
      int from = plane + y * shape.ow();
      int to = rows.at(y, i) * shape.iw() + columns.at(0, j);
      for (int x = columns.first(j); x < end; x++) {
        sums[to + x * shape.sw()] += w * diffDst[from + x];
      }
    }
  }

  void backwardWeights(short[] src, short[] diffDst, float[] diffWeights) {
    parallel(
        shape.oc() * shape.ic(),
        oc -> {
          int o = oc / shape.ic();
          int c = oc % shape.ic();
          for (int i = 0; i < shape.kh(); i++) {
            for (int j = 0; j < shape.kw(); j++) {
              long sum = 0;
              for (int n = 0; n < shape.mb(); n++) {
                sum += sumOfProducts(src, srcPlane(n, c), diffDst, dstPlane(n, o), i, j);
              }
              diffWeights[weight(o, c, i, j)] = ExactFloat.scaled(sum, exponent);
            }
          }
        });
  }

  /** {@code Σ src[at(y, i), at(x, j)] · diffDst[y, x]}. */
  private long sumOfProducts(
      short[] src, int srcPlane, short[] diffDst, int dstPlane, int i, int j) {
    long sum = 0;
    int end = columns.end(j);
    for (int y = rows.first(i); y < rows.end(i); y++) {
      int a = srcPlane + rows.at(y, i) * shape.iw() + columns.at(0, j);
      int b = dstPlane + y * shape.ow();
      for (int x = columns.first(j); x < end; x++) {
        sum += src[a + x * shape.sw()] * diffDst[b + x];
      }
    }
    return sum;
  }

  private int weight(int o, int c, int i, int j) {
    return ((o * shape.ic() + c) * shape.kh() + i) * shape.kw() + j;
  }

  private int srcPlane(int n, int c) {
    return (n * shape.ic() + c) * shape.ih() * shape.iw();
  }

  private int dstPlane(int n, int o) {
    return (n * shape.oc() + o) * shape.oh() * shape.ow();
  }

  private static void parallel(int count, IntConsumer body) {
    IntStream.range(0, count).parallel().forEach(body);
  }
}
