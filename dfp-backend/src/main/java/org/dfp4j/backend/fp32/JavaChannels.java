package org.dfp4j.backend.fp32;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Where the elements of each channel are, and their sums in the order of {@link Fp32Kernels}. */
final class JavaChannels {

  private static final int LANES = 16;

  private final int outer;
  private final int channels;
  private final int inner;

  JavaChannels(ChannelShape shape) {
    outer = Math.toIntExact(shape.outer());
    channels = shape.channels();
    inner = Math.toIntExact(shape.inner());
  }

  /** Elements of a channel. */
  double elements() {
    return (double) outer * inner;
  }

  /** Calls body for each channel, on several threads. */
  void forEach(IntConsumer body) {
    IntStream.range(0, channels).parallel().forEach(body);
  }

  /** Calls body for the index of each element of a channel. */
  void forElements(int c, IntConsumer body) {
    for (int o = 0; o < outer; o++) {
      int start = start(o, c);
      for (int i = start; i < start + inner; i++) {
        body.accept(i);
      }
    }
  }

  double sum(float[] a, int c) {
    double[] lanes = new double[LANES];
    double sum = 0;
    for (int o = 0; o < outer; o++) {
      int start = start(o, c);
      for (int i = 0; i < inner; i++) {
        lanes[i % LANES] += a[start + i];
      }
      sum += total(lanes);
    }
    return sum;
  }

  /** The product of two floats is exact in FP64. */
  double sumOfProducts(float[] a, float[] b, int c) {
    double[] lanes = new double[LANES];
    double sum = 0;
    for (int o = 0; o < outer; o++) {
      int start = start(o, c);
      for (int i = 0; i < inner; i++) {
        lanes[i % LANES] += (double) a[start + i] * b[start + i];
      }
      sum += total(lanes);
    }
    return sum;
  }

  /** Adds the lanes in halves and sets them to 0. */
  private static double total(double[] lanes) {
    for (int half = LANES / 2; half > 0; half /= 2) {
      for (int l = 0; l < half; l++) {
        lanes[l] += lanes[l + half];
      }
    }
    double total = lanes[0];
    Arrays.fill(lanes, 0);
    return total;
  }

  private int start(int o, int c) {
    return (o * channels + c) * inner;
  }
}
