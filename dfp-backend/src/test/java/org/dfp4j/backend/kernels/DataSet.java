package org.dfp4j.backend.kernels;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Values that products are tested with. The seed is {@code -Ddfp.test.seed}, 42 by default. */
enum DataSet {
  /** Uniform in [-1, 1), each tensor on a scale of its own. */
  RANDOM,
  /** Every mantissa 32767: the largest sums. */
  MAX,
  /** src -32767, the rest 32767: the smallest sums. */
  MIN,
  /** Every mantissa -32513 = 0x80FF: both bytes extreme, of either sign. */
  BYTES,
  /** Mantissas where a byte or a sign changes. */
  EDGES,
  /** Nine of ten values are 0 or -0. */
  SPARSE,
  /** All 0. */
  ZERO,
  /** Products around 2^-146: sums are subnormal or underflow. */
  TINY,
  /** Products around 2^126: some sums overflow to infinity. */
  HUGE,
  /** src subnormal itself, the rest large. */
  SUBNORMAL;

  static final long SEED = Long.getLong("dfp.test.seed", 42);

  private static final int[] EDGE_MANTISSAS = {
    32767, -32767, 32640, -32640, 32513, -32513, 16384, -16384, 255, -255, 256, -256, 257, 128,
    -128, 127, -127, 1, -1, 0
  };

  /** A dense C-order array of the role's shape; the same for the same arguments. */
  INDArray array(LayerShape shape, TensorRole role) {
    long[] dimensions = shape.shapeOf(role);
    long length = Arrays.stream(dimensions).reduce(1, Math::multiplyExact);
    return Nd4j.createFromArray(values(role, Math.toIntExact(length))).reshape('c', dimensions);
  }

  /** The first so many values for a role. */
  float[] values(TensorRole role, int length) {
    SplittableRandom random = new SplittableRandom(SEED + role.name().hashCode());
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      values[i] = value(role, random);
    }
    return values;
  }

  private float value(TensorRole role, SplittableRandom random) {
    float uniform = (float) (2 * random.nextDouble() - 1);
    return switch (this) {
      case RANDOM -> uniform * scale(role);
      case MAX -> 32767;
      case MIN -> role == TensorRole.SRC ? -32767 : 32767;
      case BYTES -> -32513;
      case EDGES -> EDGE_MANTISSAS[random.nextInt(EDGE_MANTISSAS.length)] * 0x1p-20f;
      case SPARSE -> random.nextInt(10) == 0 ? uniform : 0 * uniform;
      case ZERO -> 0;
      case TINY -> uniform * 0x1p-73f;
      case HUGE -> uniform * 0x1p63f;
      case SUBNORMAL -> role == TensorRole.SRC ? uniform * 0x1p-140f : uniform * 0x1p30f;
    };
  }

  private static float scale(TensorRole role) {
    return switch (role) {
      case SRC -> 3.7f;
      case WEIGHTS -> 0.11f;
      case DIFF_DST -> 1e-4f;
    };
  }
}
