package org.dfp4j.examples.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.api.Test;

/** What the inputs of the benchmarks hold. */
class InputsTest {

  private static final long SEED = 3;
  private static final DenseShape SHAPE = new DenseShape(100, 100, 100);
  private static final int COUNT = 10_000;

  private static float[] values(Inputs inputs, TensorRole role) {
    try (Operands operands = Operands.random(SHAPE, inputs, SEED)) {
      float[] values = new float[COUNT];
      new FloatPointer(Operands.pointer(operands.of(role))).get(values);
      return values;
    }
  }

  private static double meanSquare(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += (double) value * value;
    }
    return sum / values.length;
  }

  /** Half of src is zero; the mean square is 1/2, and 1 of the others, within 5 deviations. */
  @Test
  void trainingIsReluAndNormal() {
    float[] src = values(Inputs.TRAINING, TensorRole.SRC);
    int zeros = 0;
    for (float value : src) {
      assertTrue(value >= 0, "seed " + SEED);
      zeros += value == 0 ? 1 : 0;
    }
    assertEquals(COUNT / 2.0, zeros, 5 * Math.sqrt(COUNT) / 2, "seed " + SEED);
    assertEquals(0.5, meanSquare(src), 5 * Math.sqrt(1.25 / COUNT), "seed " + SEED);
    for (TensorRole role : new TensorRole[] {TensorRole.WEIGHTS, TensorRole.DIFF_DST}) {
      float[] others = values(Inputs.TRAINING, role);
      assertEquals(1, meanSquare(others), 5 * Math.sqrt(2.0 / COUNT), "seed " + SEED);
    }
  }

  /** Mean square 1/3, whose variance is 4/45. */
  @Test
  void uniformIsBetweenMinusOneAndOne() {
    float[] values = values(Inputs.UNIFORM, TensorRole.SRC);
    for (float value : values) {
      assertTrue(Math.abs(value) <= 1, "seed " + SEED);
    }
    assertEquals(1.0 / 3, meanSquare(values), 5 * Math.sqrt(4.0 / 45 / COUNT), "seed " + SEED);
  }

  @Test
  void fullScaleHasTheLargestMantissas() {
    float[] values = values(Inputs.FULL_SCALE, TensorRole.DIFF_DST);
    int negative = 0;
    for (short mantissa : Quantizer.DEFAULT.quantize(values, COUNT).mantissas()) {
      assertEquals(32767, Math.abs(mantissa));
      negative += mantissa < 0 ? 1 : 0;
    }
    assertEquals(COUNT / 2.0, negative, 5 * Math.sqrt(COUNT) / 2, "seed " + SEED);
  }
}
