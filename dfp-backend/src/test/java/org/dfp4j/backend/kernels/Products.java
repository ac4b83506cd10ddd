package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.SplittableRandom;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** All products of a layer, each in C order: forward without and with bias, and backward. */
final class Products {

  private final float[] dst;
  private final float[] biased;
  private final float[] diffSrc;
  private final float[] diffWeights;

  Products(float[] dst, float[] biased, float[] diffSrc, float[] diffWeights) {
    this.dst = dst;
    this.biased = biased;
    this.diffSrc = diffSrc;
    this.diffWeights = diffWeights;
  }

  float[] dst() {
    return dst;
  }

  /** Forward with bias. */
  float[] biased() {
    return biased;
  }

  float[] diffSrc() {
    return diffSrc;
  }

  float[] diffWeights() {
    return diffWeights;
  }

  static Products of(Kernels kernels, LayerShape shape, DataSet data, Quantizer quantizer) {
    try (PackedTensor src = pack(kernels, shape, TensorRole.SRC, data, quantizer);
        PackedTensor weights = pack(kernels, shape, TensorRole.WEIGHTS, data, quantizer);
        PackedTensor diffDst = pack(kernels, shape, TensorRole.DIFF_DST, data, quantizer)) {
      INDArray dst = output(shape.dstShape());
      kernels.forward(shape, src, weights, null, dst);
      INDArray biased = output(shape.dstShape());
      kernels.forward(shape, src, weights, bias(shape), biased);
      INDArray diffSrc = output(shape.srcShape());
      kernels.backwardData(shape, diffDst, weights, diffSrc);
      INDArray diffWeights = output(shape.weightsShape());
      kernels.backwardWeights(shape, src, diffDst, diffWeights);
      return new Products(
          FloatArrays.read(dst),
          FloatArrays.read(biased),
          FloatArrays.read(diffSrc),
          FloatArrays.read(diffWeights));
    }
  }

  /** Filled with a value that no product gives, so that elements left unwritten show. */
  static INDArray output(long... shape) {
    return Nd4j.valueArrayOf(shape, -12345.678f, DataType.FLOAT);
  }

  static float[] biasValues(int length) {
    SplittableRandom random = new SplittableRandom(DataSet.SEED + 77);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = (float) (random.nextDouble() - 0.5);
    }
    return values;
  }

  static INDArray bias(LayerShape shape) {
    int channels = (int) shape.dstShape()[1];
    return Nd4j.createFromArray(biasValues(channels)).reshape('c', 1, channels);
  }

  static PackedTensor pack(
      Kernels kernels, LayerShape shape, TensorRole role, DataSet data, Quantizer quantizer) {
    try (INDArray x = data.array(shape, role)) {
      return pack(kernels, shape, role, x, quantizer);
    }
  }

  static PackedTensor pack(
      Kernels kernels, LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer) {
    return kernels.pack(shape, role, x, quantizer);
  }

  /** Fails at the first element whose bits differ. */
  static void assertSame(Products expected, Products actual, String what) {
    assertSame(expected.dst, actual.dst, what + ", dst");
    assertSame(expected.biased, actual.biased, what + ", dst with bias");
    assertSame(expected.diffSrc, actual.diffSrc, what + ", diffSrc");
    assertSame(expected.diffWeights, actual.diffWeights, what + ", diffWeights");
  }

  static void assertSame(float[] expected, float[] actual, String what) {
    if (expected.length != actual.length) {
      fail(what + ": expected " + expected.length + " elements, got " + actual.length);
    }
    int wrong = 0;
    int first = -1;
    for (int i = 0; i < expected.length; i++) {
      if (Float.floatToIntBits(expected[i]) != Float.floatToIntBits(actual[i])) {
        first = wrong == 0 ? i : first;
        wrong++;
      }
    }
    if (wrong > 0) {
      fail(
          "%s: %d of %d elements differ, first [%d]: expected %s (%a), got %s (%a); seed %d"
              .formatted(
                  what,
                  wrong,
                  expected.length,
                  first,
                  expected[first],
                  expected[first],
                  actual[first],
                  actual[first],
                  DataSet.SEED));
    }
  }
}
