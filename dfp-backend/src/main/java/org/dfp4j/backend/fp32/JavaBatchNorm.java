package org.dfp4j.backend.fp32;

import org.dfp4j.backend.pointwise.Pointwise;

/** Batch normalization of one tensor in plain Java: the formulas of {@link BatchNorm}. */
final class JavaBatchNorm {

  private final BatchNorm norm;
  private final JavaChannels channels;
  private final float[] x;

  JavaBatchNorm(BatchNorm norm, float[] x) {
    this.norm = norm;
    channels = new JavaChannels(norm.shape());
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
    Pointwise affine = new Pointwise(norm.affine(statistics, gamma, beta), null);
    float[] y = new float[x.length];
    channels.forEach(c -> channels.forElements(c, i -> y[i] = affine.value(c, x[i])));
    return y;
  }

  float[] gradient(
      float[] diffDst,
      Pointwise forward,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      float[] diffGamma,
      float[] diffBeta) {
    float[] diffSrc = new float[x.length];
    float[] diffY = new float[x.length];
    double m = channels.elements();
    channels.forEach(
        c -> {
          channels.forElements(c, i -> diffY[i] = forward.throughActivation(c, x[i], diffDst[i]));
          double sum = channels.sum(diffY, c);
          double centred = channels.sumOfProducts(diffY, x, c) - used.mean()[c] * sum;
          double deviation = norm.inverseDeviation(used, c);
          double slope = gamma[c] * deviation;
          diffBeta[c] = (float) sum;
          diffGamma[c] = (float) (centred * deviation);
          float mean = batchMean[c];
          float a = (float) slope;
          float k = (float) (-slope * centred * deviation * deviation / m);
          float offset = (float) (-slope * sum / m);
          channels.forElements(c, i -> diffSrc[i] = (diffY[i] * a + (x[i] - mean) * k) + offset);
        });
    return diffSrc;
  }
}
