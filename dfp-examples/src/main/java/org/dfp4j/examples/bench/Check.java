package org.dfp4j.examples.bench;

import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.JavaKernels;
import org.dfp4j.backend.kernels.Kernels;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Are the results right that are about to be timed? */
final class Check {

  /**
   * Relative distance of DFP-16 and FP32. A mantissa is off by at most 2^-16 of amax, which is at
   * most √3·2^-16 of the root mean square of uniform inputs, 2.6e-5; two operands and FP32's own
   * rounding stay below this.
   */
  static final double FP32_TOLERANCE = 1e-4;

  /** Relative distance of DFP-16 and BF16: two operands and the output, off by 2^-9 each. */
  static final double BF16_TOLERANCE = 3.0 / 512 + FP32_TOLERANCE;

  private Check() {}

  /** Compares all outputs of the three passes with those of the Java kernels, bit for bit. */
  static void againstJava(String name, Kernels kernels, ConvShape shape, long seed) {
    Kernels java = new JavaKernels();
    try (Operands operands = Operands.random(shape, seed)) {
      for (Direction direction : Direction.values()) {
        try (INDArray expected = operands.output(direction);
            INDArray actual = operands.output(direction)) {
          new DfpConvolution(java, direction, operands, expected).run();
          new DfpConvolution(kernels, direction, operands, actual).run();
          same(name + " " + direction.label(), expected, actual);
        }
      }
    }
  }

  private static void same(String what, INDArray expected, INDArray actual) {
    FloatPointer a = Operands.pointer(expected);
    FloatPointer b = Operands.pointer(actual);
    for (long i = 0; i < expected.length(); i++) {
      if (Float.floatToRawIntBits(a.get(i)) != Float.floatToRawIntBits(b.get(i))) {
        throw new IllegalStateException(
            "%s: expected %s at element %d, got %s".formatted(what, a.get(i), i, b.get(i)));
      }
    }
  }

  /** Compares with oneDNN: {@code |dfp - other| <= tolerance · |other|}, Euclidean norms. */
  static void close(
      String name, Direction direction, INDArray dfp, INDArray other, double tolerance) {
    FloatPointer a = Operands.pointer(dfp);
    FloatPointer b = Operands.pointer(other);
    double difference = 0;
    double norm = 0;
    for (long i = 0; i < dfp.length(); i++) {
      double d = (double) a.get(i) - b.get(i);
      difference += d * d;
      norm += (double) b.get(i) * b.get(i);
    }
    double distance = Math.sqrt(difference / norm);
    // Written so that NaN fails.
    if (!(distance <= tolerance)) {
      throw new IllegalStateException(
          "%s %s: expected a relative distance to oneDNN <= %.1e, got %.1e"
              .formatted(name, direction.label(), tolerance, distance));
    }
  }
}
