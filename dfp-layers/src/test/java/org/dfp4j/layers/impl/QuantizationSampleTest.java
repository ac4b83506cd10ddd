package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.dfp4j.backend.tensor.DfpTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.NDArrayIndex;

/** What a sample says of quantization. */
class QuantizationSampleTest {

  private static QuantizationSample sample(Quantizer quantizer, float... values) {
    int exponent = quantizer.exponent(Quantizer.amax(values));
    return QuantizationSample.of(Nd4j.createFromArray(values), quantizer, exponent);
  }

  @Test
  void countsBitsUnderflowAndSaturation() {
    // amax has E = -14: mantissas 32767 (of 32767.75, clamped), 16384, 1, 0 and a true 0.
    float top = 2 - 0x1p-16f;
    QuantizationSample sample = sample(Quantizer.DEFAULT, top, 1, 0x1p-14f, 0x1p-16f, 0);
    assertEquals(5, sample.values());
    assertEquals((15 + 15 + 1) / 3.0 / 15, sample.bitsUsed());
    assertEquals(1 / 4.0, sample.underflow());
    assertEquals(1 / 5.0, sample.saturated());
    double noise = Math.pow(0.75 * 0x1p-14, 2) + Math.pow(0x1p-16, 2);
    double signal = (double) top * top + 1 + 0x1p-28 + 0x1p-32;
    assertEquals(10 * Math.log10(signal / noise), sample.sqnr(), 1e-9);
  }

  @Test
  void headroomLeavesFewerBits() {
    QuantizationSample sample = sample(new Quantizer(Rounding.NEAREST_EVEN, 2, 0), 1, 0.5f);
    assertEquals((13 + 12) / 2.0 / 13, sample.bitsUsed());
  }

  @Test
  void exactValuesHaveNoNoiseAndZerosNoSignal() {
    assertEquals(Double.POSITIVE_INFINITY, sample(Quantizer.DEFAULT, 1, -0.5f, 0.25f).sqnr());
    QuantizationSample zeros = sample(Quantizer.DEFAULT, 0, 0);
    assertTrue(Double.isNaN(zeros.sqnr()));
    assertEquals(0, zeros.bitsUsed());
    assertEquals(0, zeros.underflow());
  }

  /** Where all values fit in the sample, it says what the whole tensor's mantissas say. */
  @ParameterizedTest
  @EnumSource(Rounding.class)
  void agreesWithTheQuantizedTensor(Rounding rounding) {
    Random random = new Random(Nets.SEED);
    float[] values = new float[QuantizationSample.MAX_VALUES];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(2, -random.nextInt(20)));
    }
    Quantizer quantizer = new Quantizer(rounding, 0, 77);
    DfpTensor tensor = quantizer.quantize(values, values.length);
    double signal = 0;
    double noise = 0;
    int lost = 0;
    for (int i = 0; i < values.length; i++) {
      signal += (double) values[i] * values[i];
      noise += Math.pow(values[i] - (double) tensor.value(i), 2);
      lost += tensor.value(i) == 0 ? 1 : 0;
    }
    QuantizationSample sample = sample(quantizer, values);
    assertEquals((double) lost / values.length, sample.underflow(), "seed " + Nets.SEED);
    assertEquals(10 * Math.log10(signal / noise), sample.sqnr(), 1e-6, "seed " + Nets.SEED);
  }

  @Test
  void readsViewsByTheirStrides() {
    INDArray all = Nd4j.rand(6, 8, 10);
    INDArray view = all.get(NDArrayIndex.interval(1, 5), NDArrayIndex.point(3)).permute(1, 0);
    INDArray copy = view.dup('c');
    int exponent = Quantizer.DEFAULT.exponent(view.amaxNumber().floatValue());
    assertEquals(
        QuantizationSample.of(copy, Quantizer.DEFAULT, exponent),
        QuantizationSample.of(view, Quantizer.DEFAULT, exponent));
  }

  @Test
  void picksDistinctElementsFromEverywhere() {
    long length = 256L * 56 * 56;
    Set<Long> columns = new HashSet<>();
    Set<Long> picks = new HashSet<>();
    for (int i = 0; i < 2048; i++) {
      long index = SampledIndices.index(i, 2048, length);
      assertTrue(index >= i * length / 2048 && index < (i + 1) * length / 2048, "pick " + i);
      picks.add(index);
      columns.add(index % 56);
    }
    assertEquals(2048, picks.size());
    assertEquals(56, columns.size());
  }
}
