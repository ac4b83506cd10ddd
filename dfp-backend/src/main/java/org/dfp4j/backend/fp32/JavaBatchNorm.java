package org.dfp4j.backend.fp32;

/** Batch normalization of one tensor in plain Java: the formulas of {@link BatchNorm}. */
final class JavaBatchNorm {

  private final JavaChannels channels;
  private final double eps;
  private final float[] x;

  JavaBatchNorm(ChannelShape shape, double eps, float[] x) {
    channels = new JavaChannels(shape);
    this.eps = eps;
    this.x = x;
  }

  void statistics(ChannelStatistics written) {
    double m = channels.elements();
    channels.forEach(
        c -> {
          double mean = channels.sum(x, c) / m;
          double variance = channels.sumOfProducts(x, x, c) / m - mean * mean;
          written.mean()[c] = (float) mean;
          // Not max: NaN stays.
          written.variance()[c] = variance < 0 ? 0 : (float) variance;
        });
  }

  float[] normalized(ChannelStatistics statistics, float[] gamma, float[] beta) {
    float[] y = new float[x.length];
    channels.forEach(
        c -> {
          float mean = statistics.mean()[c];
          float scale = (float) (gamma[c] * inverseDeviation(statistics, c));
          float offset = beta[c];
          channels.forElements(c, i -> y[i] = (x[i] - mean) * scale + offset);
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
    double m = channels.elements();
    channels.forEach(
        c -> {
          double sum = channels.sum(diffDst, c);
          double centred = channels.sumOfProducts(diffDst, x, c) - used.mean()[c] * sum;
          double deviation = inverseDeviation(used, c);
          double slope = gamma[c] * deviation;
          diffBeta[c] = (float) sum;
          diffGamma[c] = (float) (centred * deviation);
          float mean = batchMean[c];
          float a = (float) slope;
          float k = (float) (-slope * centred * deviation * deviation / m);
          float offset = (float) (-slope * sum / m);
          channels.forElements(c, i -> diffSrc[i] = (diffDst[i] * a + (x[i] - mean) * k) + offset);
        });
    return diffSrc;
  }

  private double inverseDeviation(ChannelStatistics statistics, int c) {
    return 1 / Math.sqrt(statistics.variance()[c] + eps);
  }
}
