package org.dfp4j.backend.fp32;

import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Values that the FP32 kernels are tested with. The seed is {@code -Ddfp.test.seed}. */
enum Values {
  /** Uniform in [-1, 1) on a scale and with an offset. */
  RANDOM,
  /** Far from 0 compared with their spread. */
  OFFSET,
  /** All the same. */
  CONSTANT,
  /** Zeros of both signs and values where activations bend. */
  EDGES,
  /** Subnormal. */
  TINY,
  /** Squares overflow FP32. */
  HUGE,
  /** Some NaN and infinities. */
  NOT_FINITE;

  static final long SEED = Long.getLong("dfp.test.seed", 42);

  private static final float[] EDGE_VALUES = {
    0f, -0f, 1f, -1f, 6f, 5.9999995f, 6.0000005f, Float.MIN_VALUE, -Float.MIN_VALUE, 2f, -3f
  };
  private static final float[] NOT_FINITE_VALUES = {
    Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY
  };

  /** The same for the same arguments. */
  float[] floats(int length, int stream) {
    SplittableRandom random = new SplittableRandom(SEED + stream);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = value(random);
    }
    return values;
  }

  /** A vector in C order. */
  INDArray array(int length, int stream) {
    return Nd4j.createFromArray(floats(length, stream));
  }

  private float value(SplittableRandom random) {
    float uniform = (float) (2 * random.nextDouble() - 1);
    return switch (this) {
      case RANDOM -> uniform * 3.7f + 0.4f;
      case OFFSET -> 1000 + uniform * 0.1f;
      case CONSTANT -> 0.3f;
      case EDGES -> EDGE_VALUES[random.nextInt(EDGE_VALUES.length)];
      case TINY -> uniform * 0x1p-130f;
      case HUGE -> uniform * 0x1p120f;
      case NOT_FINITE ->
          random.nextInt(40) == 0
              ? NOT_FINITE_VALUES[random.nextInt(NOT_FINITE_VALUES.length)]
              : uniform;
    };
  }
}
