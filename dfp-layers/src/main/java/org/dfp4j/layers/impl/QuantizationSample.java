package org.dfp4j.layers.impl;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.indexer.FloatIndexer;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What quantization did to values drawn from all over a tensor.
 *
 * <pre>
 *   SQNR = 10 · log10(Σ x² / Σ (x - mantissa · 2^E)²)
 * </pre>
 *
 * @param values how many were looked at
 * @param bitsUsed mean significant bits of the mantissas that are not 0, over the bits that there
 *     are: 0 to 1
 * @param underflow share of the values other than 0 whose mantissa is 0
 * @param saturated share of the values that were clamped to the largest mantissa
 * @param sqnr in dB; infinite where every value is exact, NaN where all values are 0
 */
public record QuantizationSample(
    int values, double bitsUsed, double underflow, double saturated, double sqnr) {

  /** At most so many values of a tensor are looked at. */
  static final int MAX_VALUES = 2048;

  /** Samples a tensor whose values are finite. */
  static QuantizationSample of(INDArray x, Quantizer quantizer, int exponent) {
    return of(x, Pointwise.IDENTITY, quantizer, exponent);
  }

  /**
   * Samples finite values of a function of the elements of {@code x}, {@code [mb, channels, ..]}.
   */
  static QuantizationSample of(INDArray x, Pointwise function, Quantizer quantizer, int exponent) {
    int values = SampledIndices.count(MAX_VALUES, x.length());
    Sums sums = new Sums(quantizer, exponent);
    long[] shape = x.shape();
    long[] strides = x.stride();
    long channels = shape.length < 2 ? 1 : shape[1];
    long inner = x.length() / channels / shape[0];
    FloatPointer memory = new FloatPointer(x.data().addressPointer());
    try (FloatIndexer indexer = FloatIndexer.create(memory.capacity(SampledIndices.span(x)))) {
      for (int i = 0; i < values; i++) {
        long index = SampledIndices.index(i, values, x.length());
        float value = indexer.get(offset(index, shape, strides));
        sums.add(function.value((int) (index / inner % channels), value), index);
      }
    } finally {
      Reference.reachabilityFence(x);
    }
    return sums.result(values);
  }

  private static long offset(long index, long[] shape, long[] strides) {
    long offset = 0;
    long rest = index;
    for (int axis = shape.length - 1; axis >= 0; axis--) {
      offset += rest % shape[axis] * strides[axis];
      rest /= shape[axis];
    }
    return offset;
  }

  private static final class Sums {
    final Quantizer quantizer;
    final int exponent;
    final double unit;
    final int limit;
    int nonZero;
    int lost;
    int clamped;
    long bits;
    double signal;
    double noise;

    Sums(Quantizer quantizer, int exponent) {
      this.quantizer = quantizer;
      this.exponent = exponent;
      this.unit = Math.scalb(1.0, exponent);
      this.limit = quantizer.limit();
    }

    void add(float x, long index) {
      int mantissa = Math.abs(quantizer.mantissa(x, exponent, index));
      double magnitude = Math.abs((double) x);
      double error = magnitude - mantissa * unit;
      signal += magnitude * magnitude;
      noise += error * error;
      if (x != 0) {
        nonZero++;
        lost += mantissa == 0 ? 1 : 0;
        bits += Integer.SIZE - Integer.numberOfLeadingZeros(mantissa);
        clamped += mantissa == limit && isClamped(x, index) ? 1 : 0;
      }
    }

    private boolean isClamped(float x, long index) {
      float scaled = (float) Math.scalb((double) x, -exponent);
      return Math.abs(quantizer.rounding().round(scaled, quantizer.seed(), index)) > limit;
    }

    QuantizationSample result(int values) {
      int magnitudeBits = Integer.SIZE - Integer.numberOfLeadingZeros(limit);
      int kept = nonZero - lost;
      return new QuantizationSample(
          values,
          kept == 0 ? 0 : (double) bits / kept / magnitudeBits,
          nonZero == 0 ? 0 : (double) lost / nonZero,
          values == 0 ? 0 : (double) clamped / values,
          10 * Math.log10(signal / noise));
    }
  }
}
