package org.dfp4j.examples.numerics;

import java.util.Arrays;

/**
 * How close values {@code y} are to exact ones {@code x}, in dB.
 *
 * <pre>
 *   snr        = 10 · log10(Σ x² / Σ (x - y)²)
 *   typicalSnr = 20 · log10(median |x| / median |x - y|)
 * </pre>
 *
 * A few values that are far larger than the others decide the first, and do not change the second.
 * Infinite where there is no difference. Values that are 0 on both sides do not count: with strides
 * larger than the kernel many gradients have no terms at all.
 *
 * @param snr of all values
 * @param typicalSnr of the median value
 */
public record Closeness(double snr, double typicalSnr) {

  private static final double DECIBEL = 10;

  /**
   * Compares.
   *
   * @param exact the x
   * @param values the y, as many
   */
  static Closeness of(double[] exact, double[] values) {
    if (exact.length != values.length) {
      throw new IllegalArgumentException(
          "values: expected " + exact.length + ", got " + values.length);
    }
    double[] signal = new double[exact.length];
    double[] noise = new double[exact.length];
    int count = 0;
    double signalPower = 0;
    double noisePower = 0;
    for (int i = 0; i < exact.length; i++) {
      if (exact[i] != 0 || values[i] != 0) {
        signal[count] = Math.abs(exact[i]);
        noise[count] = Math.abs(exact[i] - values[i]);
        signalPower += signal[count] * signal[count];
        noisePower += noise[count] * noise[count];
        count++;
      }
    }
    if (count == 0) {
      return new Closeness(Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY);
    }
    double ratio = median(signal, count) / median(noise, count);
    return new Closeness(
        DECIBEL * Math.log10(signalPower / noisePower), 2 * DECIBEL * Math.log10(ratio));
  }

  private static double median(double[] values, int count) {
    return Medians.of(Arrays.copyOf(values, count));
  }
}
