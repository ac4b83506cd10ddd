package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Sums beyond 2^53, where a double is no longer exact. The sum is one above the middle of two
 * floats: it rounds up, but by way of a double it would first become the middle and then round
 * down.
 */
class NativeWideSumTest {

  private static final long LARGEST = 32767L * 32767;

  /** Products of the largest mantissas up to 2^53. */
  private static final int LARGEST_COUNT = (int) ((1L << 53) / LARGEST) + 1;

  /** From a float to the next between 2^53 and 2^54. */
  private static final long FLOAT_STEP = 1L << 30;

  private static final long SUM = sum();

  private final int[] a = new int[LARGEST_COUNT + 4];
  private final int[] b = new int[LARGEST_COUNT + 4];

  NativeWideSumTest() {
    Arrays.fill(a, 0, LARGEST_COUNT, 32767);
    Arrays.fill(b, 0, LARGEST_COUNT, 32767);
    long rest = SUM - LARGEST_COUNT * LARGEST;
    int next = LARGEST_COUNT;
    while (rest >= LARGEST) {
      a[next] = 32767;
      b[next++] = 32767;
      rest -= LARGEST;
    }
    a[next] = 32767;
    b[next++] = (int) (rest / 32767);
    a[next] = 1;
    b[next] = (int) (rest % 32767);
  }

  /** One above the middle after the even float at or next to the sum of the largest products. */
  private static long sum() {
    long base = LARGEST_COUNT * LARGEST;
    long even = base - base % (2 * FLOAT_STEP);
    long aboveMiddle = even + FLOAT_STEP / 2 + 1;
    return aboveMiddle > base ? aboveMiddle : aboveMiddle + 2 * FLOAT_STEP;
  }

  static Stream<Kernels> implementations() {
    return Implementations.all().stream();
  }

  @ParameterizedTest
  @MethodSource("implementations")
  void oneRoundingBeyondDouble(Kernels kernels) {
    float rounded = Float.parseFloat(Long.toString(SUM));
    assertNotEquals(rounded, (float) (double) SUM, "two roundings must show");
    assertEquals(SUM, exactSum());
    int k = a.length;
    LayerShape longInput = new DenseShape(1, k, 1);
    try (PackedTensor src = pack(kernels, longInput, TensorRole.SRC, a);
        PackedTensor weights = pack(kernels, longInput, TensorRole.WEIGHTS, b)) {
      INDArray dst = Products.output(longInput.dstShape());
      kernels.forward(longInput, src, weights, null, dst);
      assertEquals(rounded, dst.getFloat(0), kernels + " dst");
    }
    for (LayerShape longMap :
        new LayerShape[] {
          new ConvShape(1, 1, 1, k, 1, 1, k, 1, 1, 1, 1, 0, 0, 1, 1),
          new DepthwiseShape(1, 1, 1, k, 1, 1, k, 1, 1, 1, 1, 0, 0, 1, 1)
        }) {
      try (PackedTensor src = pack(kernels, longMap, TensorRole.SRC, a);
          PackedTensor diffDst = pack(kernels, longMap, TensorRole.DIFF_DST, b)) {
        INDArray diffWeights = Products.output(longMap.weightsShape());
        kernels.backwardWeights(longMap, src, diffDst, diffWeights);
        assertEquals(rounded, diffWeights.getFloat(0), kernels + " diffWeights of " + longMap);
      }
    }
  }

  private long exactSum() {
    long sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (long) a[i] * b[i];
    }
    return sum;
  }

  private static PackedTensor pack(
      Kernels kernels, LayerShape shape, TensorRole role, int[] mantissas) {
    float[] values = new float[mantissas.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = mantissas[i];
    }
    INDArray x = Nd4j.createFromArray(values).reshape('c', shape.shapeOf(role));
    return Products.pack(kernels, shape, role, x, Quantizer.DEFAULT);
  }
}
