package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.examples.UsageException;

/**
 * What {@code src} and {@code diffDst} hold. Weights are always normal.
 *
 * @param key in options and files
 * @param title for people
 * @param src draws an element of {@code src}
 * @param diffDst draws an element of {@code diffDst}
 * @param outlier magnitude of one more value in both tensors; 0 for none
 */
record Values(
    String key,
    String title,
    ToDoubleFunction<SplittableRandom> src,
    ToDoubleFunction<SplittableRandom> diffDst,
    double outlier) {

  private static final double LOG_DEVIATION = 2;

  /** Powers of two of the outliers. */
  private static final int FIRST_OUTLIER = 4;

  private static final int LAST_OUTLIER = 14;

  private static final List<Values> ALL = all();

  private static List<Values> all() {
    List<Values> all = new ArrayList<>();
    all.add(both("gaussian", "normal", SplittableRandom::nextGaussian));
    all.add(
        new Values(
            "relu",
            "src ReLU of a normal",
            random -> Math.max(0, random.nextGaussian()),
            SplittableRandom::nextGaussian,
            0));
    all.add(both("t3", "Student t, 3 degrees", random -> student(random, 3)));
    all.add(both("t2", "Student t, 2 degrees", random -> student(random, 2)));
    all.add(
        both(
            "lognormal",
            "± log-normal, σ = 2",
            random ->
                (random.nextBoolean() ? 1 : -1) * Math.exp(LOG_DEVIATION * random.nextGaussian())));
    for (int power = FIRST_OUTLIER; power <= LAST_OUTLIER; power++) {
      all.add(
          new Values(
              "outlier" + power,
              "normal, one value 2^" + power + " σ",
              SplittableRandom::nextGaussian,
              SplittableRandom::nextGaussian,
              Math.scalb(1.0, power)));
    }
    return List.copyOf(all);
  }

  private static Values both(String key, String title, ToDoubleFunction<SplittableRandom> element) {
    return new Values(key, title, element, element, 0);
  }

  /** Student's t: a normal over the root of the mean of that many squares of normals. */
  private static double student(SplittableRandom random, int degrees) {
    double squares = 0;
    for (int i = 0; i < degrees; i++) {
      double normal = random.nextGaussian();
      squares += normal * normal;
    }
    return random.nextGaussian() / Math.sqrt(squares / degrees);
  }

  /** The keys of all. */
  static List<String> keys() {
    return ALL.stream().map(Values::key).toList();
  }

  /** The one of this key; a {@link UsageException} where there is none. */
  static Values byKey(String argument, String key) {
    return ALL.stream()
        .filter(values -> values.key.equals(key))
        .findFirst()
        .orElseThrow(
            () ->
                new UsageException(
                    argument,
                    "some of " + ALL.stream().map(Values::key).collect(Collectors.joining(", ")),
                    key));
  }

  /** The elements of a tensor. */
  float[] draw(SplittableRandom random, TensorRole role, int length) {
    ToDoubleFunction<SplittableRandom> element =
        switch (role) {
          case SRC -> src;
          case WEIGHTS -> SplittableRandom::nextGaussian;
          case DIFF_DST -> diffDst;
        };
    float[] drawn = new float[length];
    for (int i = 0; i < length; i++) {
      drawn[i] = (float) element.applyAsDouble(random);
    }
    if (outlier > 0 && role != TensorRole.WEIGHTS) {
      drawn[random.nextInt(length)] = (float) outlier;
    }
    return drawn;
  }
}
