package org.dfp4j.examples.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.SplittableRandom;
import org.dfp4j.backend.kernels.TensorRole;

/**
 * What the random tensors hold. It matters: kernels may sum as many products in int32 as a bound on
 * the mantissas allows, and a few large values make the others' mantissas small.
 */
public enum Inputs {
  /** As a network sees it: {@code src} the ReLU of a standard normal, the others normal. */
  TRAINING("training") {
    @Override
    float next(SplittableRandom random, TensorRole role) {
      double normal = random.nextGaussian();
      return (float) (role == TensorRole.SRC ? Math.max(0, normal) : normal);
    }
  },

  /** Uniform in [-1, 1). */
  UNIFORM("uniform") {
    @Override
    float next(SplittableRandom random, TensorRole role) {
      return (float) (2 * random.nextDouble() - 1);
    }
  },

  /** Each mantissa 32767 or -32767: the largest products there are. */
  FULL_SCALE("full-scale") {
    @Override
    float next(SplittableRandom random, TensorRole role) {
      return random.nextBoolean() ? LARGEST : -LARGEST;
    }
  };

  private static final float LARGEST = 32767 * 0x1p-15f;

  private final String key;

  Inputs(String key) {
    this.key = key;
  }

  /** The next element of a tensor. */
  abstract float next(SplittableRandom random, TensorRole role);

  /** The name in options and files. */
  @JsonValue
  public String key() {
    return key;
  }
}
