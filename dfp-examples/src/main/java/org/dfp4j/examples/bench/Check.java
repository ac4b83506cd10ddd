package org.dfp4j.examples.bench;

import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.kernels.JavaKernels;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Are the results right that are about to be timed? */
final class Check {

  /** What rounding to 8 bits moves a value at most, relative to it. */
  private static final double BF16_HALF_STEP = 0x1p-9;

  private static final int PART = 1 << 16;

  private Check() {}

  /** Compares all outputs of a pass with those of the Java kernels, bit for bit. */
  static void againstJava(String name, Kernels kernels, Direction direction, Operands operands) {
    try (INDArray expected = operands.output(direction);
        INDArray actual = operands.output(direction)) {
      new DfpProduct(new JavaKernels(), direction, operands, expected).run();
      new DfpProduct(kernels, direction, operands, actual).run();
      same(name + " " + direction.label(), expected, actual);
    }
  }

  private static void same(String what, INDArray expected, INDArray actual) {
    forEachPart(
        expected,
        actual,
        (from, a, b) -> {
          for (int i = 0; i < a.length; i++) {
            if (Float.floatToRawIntBits(a[i]) != Float.floatToRawIntBits(b[i])) {
              throw new IllegalStateException(
                  "%s: expected %s at element %d, got %s".formatted(what, a[i], from + i, b[i]));
            }
          }
        });
  }

  /** Values of two arrays from an element on. */
  private interface Comparison {
    void compare(long from, float[] a, float[] b);
  }

  private static void forEachPart(INDArray a, INDArray b, Comparison comparison) {
    FloatPointer first = Operands.pointer(a);
    FloatPointer second = Operands.pointer(b);
    for (long from = 0; from < a.length(); from += PART) {
      float[] one = new float[(int) Math.min(PART, a.length() - from)];
      float[] other = new float[one.length];
      first.position(from).get(one);
      second.position(from).get(other);
      comparison.compare(from, one, other);
    }
  }

  /**
   * The relative distance of DFP-16 and oneDNN that their roundings permit.
   *
   * <p>Each operand of DFP-16 is off by at most half a step. A sum of n products in FP32 is off by
   * about {@code 2^-24 · √(n/6)}, the roundings of a random walk; four times this is permitted.
   * BF16 rounds both operands, and mostly the output.
   *
   * @param products that one output is the sum of
   */
  static double tolerance(
      Operands operands, Direction direction, OneDnnProduct.Variant variant, double products) {
    double tolerance = 4 * 0x1p-24 * (1 + Math.sqrt(products / 6));
    for (TensorRole role : direction.operands()) {
      tolerance += operands.relativeHalfStep(role);
    }
    return variant == OneDnnProduct.Variant.BF16 ? tolerance + 3 * BF16_HALF_STEP : tolerance;
  }

  /** Compares with oneDNN: {@code |dfp - other| <= tolerance · |other|}, Euclidean norms. */
  static void close(String what, INDArray dfp, INDArray other, double tolerance) {
    double[] sums = new double[2];
    forEachPart(
        dfp,
        other,
        (from, a, b) -> {
          for (int i = 0; i < a.length; i++) {
            double difference = (double) a[i] - b[i];
            sums[0] += difference * difference;
            sums[1] += (double) b[i] * b[i];
          }
        });
    double distance = Math.sqrt(sums[0] / sums[1]);
    // Written so that NaN fails.
    if (!(distance <= tolerance)) {
      throw new IllegalStateException(
          "%s: expected a relative distance to oneDNN <= %.1e, got %.1e"
              .formatted(what, tolerance, distance));
    }
  }
}
