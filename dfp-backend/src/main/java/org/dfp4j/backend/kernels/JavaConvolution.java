package org.dfp4j.backend.kernels;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.dfp4j.backend.tensor.ExactFloat;

/**
 * The three products of a convolution over int16 mantissas in C order, summed in int64. Planes of
 * the output are computed in parallel.
 *
 * <p>In a depthwise convolution an output channel reads one input channel, else all.
 */
final class JavaConvolution {

  private final int mb;
  private final int ic;
  private final int oc;
  private final boolean depthwise;
  private final JavaPlanes planes;
  private final int exponent;

  /** The exponent is the sum of the operands' exponents. */
  JavaConvolution(Conv3dShape shape, int exponent) {
    this.mb = shape.plane().mb();
    this.ic = shape.plane().ic();
    this.oc = shape.plane().oc();
    this.depthwise = false;
    this.planes = new JavaPlanes(shape);
    this.exponent = exponent;
  }

  /** The exponent is the sum of the operands' exponents. */
  JavaConvolution(DepthwiseShape shape, int exponent) {
    this.mb = shape.mb();
    this.ic = shape.ic();
    this.oc = shape.oc();
    this.depthwise = true;
    this.planes = new JavaPlanes(shape);
    this.exponent = exponent;
  }

  /** Calls {@code body} for the input channels that output channel {@code o} reads. */
  private void forEachInput(int o, IntConsumer body) {
    if (depthwise) {
      body.accept(o / (oc / ic));
    } else {
      IntStream.range(0, ic).forEach(body);
    }
  }

  /** Calls {@code body} for the output channels that read input channel {@code c}. */
  private void forEachOutput(int c, IntConsumer body) {
    int multiplier = oc / ic;
    int first = depthwise ? c * multiplier : 0;
    int end = depthwise ? first + multiplier : oc;
    IntStream.range(first, end).forEach(body);
  }

  /** The first weight of a pair of channels. */
  private int weight(int o, int c) {
    return (depthwise ? o : o * ic + c) * planes.taps();
  }

  void forward(short[] src, short[] weights, float[] bias, float[] dst) {
    parallel(
        mb * oc,
        no -> {
          int n = no / oc;
          int o = no % oc;
          long[] sums = new long[planes.dst()];
          forEachInput(
              o,
              c -> planes.forward(src, (n * ic + c) * planes.src(), weights, weight(o, c), sums));
          round(sums, dst, no * sums.length);
          if (bias != null) {
            for (int p = no * sums.length; p < (no + 1) * sums.length; p++) {
              dst[p] += bias[o];
            }
          }
        });
  }

  void backwardData(short[] diffDst, short[] weights, float[] diffSrc) {
    parallel(
        mb * ic,
        nc -> {
          int n = nc / ic;
          int c = nc % ic;
          long[] sums = new long[planes.src()];
          forEachOutput(
              c,
              o ->
                  planes.backwardData(
                      diffDst, (n * oc + o) * planes.dst(), weights, weight(o, c), sums));
          round(sums, diffSrc, nc * sums.length);
        });
  }

  void backwardWeights(short[] src, short[] diffDst, float[] diffWeights) {
    int inputs = depthwise ? 1 : ic;
    parallel(
        oc * inputs,
        pair -> {
          int o = pair / inputs;
          int c = depthwise ? o / (oc / ic) : pair % ic;
          long[] sums = new long[planes.taps()];
          for (int n = 0; n < mb; n++) {
            planes.backwardWeights(
                src, (n * ic + c) * planes.src(), diffDst, (n * oc + o) * planes.dst(), sums);
          }
          round(sums, diffWeights, weight(o, c));
        });
  }

  private void round(long[] sums, float[] out, int first) {
    for (int i = 0; i < sums.length; i++) {
      out[first + i] = ExactFloat.scaled(sums[i], exponent);
    }
  }

  private static void parallel(int count, IntConsumer body) {
    IntStream.range(0, count).parallel().forEach(body);
  }
}
