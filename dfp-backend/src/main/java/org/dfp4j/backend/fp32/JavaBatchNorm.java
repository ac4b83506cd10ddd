package org.dfp4j.backend.fp32;

import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/** Batch normalization of one tensor in plain Java: the formulas of {@link BatchNorm}. */
final class JavaBatchNorm {

  private static final int LANES = 16;

  private final int outer;
  private final int channels;
  private final int inner;
  private final double eps;
  private final float[] x;

  JavaBatchNorm(BatchNorm norm, float[] x) {
    outer = Math.toIntExact(norm.outer());
    channels = norm.channels();
    inner = Math.toIntExact(norm.inner());
    eps = norm.eps();
    this.x = x;
  }

  void statistics(ChannelStatistics written) {
    double m = (double) outer * inner;
    forChannels(
        c -> {
          double mean = sum(x, c) / m;
          double variance = sumOfProducts(x, x, c) / m - mean * mean;
          written.mean()[c] = (float) mean;
          // Not max: NaN stays.
          written.variance()[c] = variance < 0 ? 0 : (float) variance;
        });
  }

  void sums(float[] written) {
    forChannels(c -> written[c] = (float) sum(x, c));
  }

  float[] normalized(ChannelStatistics statistics, float[] gamma, float[] beta) {
    float[] y = new float[x.length];
    forChannels(
        c -> {
          float mean = statistics.mean()[c];
          float scale = (float) (gamma[c] * inverseDeviation(statistics, c));
          for (int o = 0; o < outer; o++) {
            int start = start(o, c);
            for (int i = start; i < start + inner; i++) {
              y[i] = (x[i] - mean) * scale + beta[c];
            }
          }
        });
    return y;
  }

  float[] gradient(
      float[] diffDst,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      float[] diffGamma,
      float[] diffBeta) {
    float[] diffSrc = new float[x.length];
    double m = (double) outer * inner;
    forChannels(
        c -> {
          double sum = sum(diffDst, c);
          double centred = sumOfProducts(diffDst, x, c) - used.mean()[c] * sum;
          double deviation = inverseDeviation(used, c);
          double slope = gamma[c] * deviation;
          diffBeta[c] = (float) sum;
          diffGamma[c] = (float) (centred * deviation);
          float mean = batchMean[c];
          float a = (float) slope;
          float k = (float) (-slope * centred * deviation * deviation / m);
          float offset = (float) (-slope * sum / m);
          for (int o = 0; o < outer; o++) {
            int start = start(o, c);
            for (int i = start; i < start + inner; i++) {
              diffSrc[i] = (diffDst[i] * a + (x[i] - mean) * k) + offset;
            }
          }
        });
    return diffSrc;
  }

  private double inverseDeviation(ChannelStatistics statistics, int c) {
    return 1 / Math.sqrt(statistics.variance()[c] + eps);
  }

  private double sum(float[] a, int c) {
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
  private double sumOfProducts(float[] a, float[] b, int c) {
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

  private void forChannels(IntConsumer body) {
    IntStream.range(0, channels).parallel().forEach(body);
  }
}
