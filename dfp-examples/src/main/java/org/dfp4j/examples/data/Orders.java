package org.dfp4j.examples.data;

import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Orders of images, which depend on nothing but their arguments. */
final class Orders {

  private Orders() {}

  /** The numbers 0 to {@code n - 1} shuffled; each (seed, epoch) gives another order. */
  static int[] shuffled(int n, long seed, long epoch) {
    int[] order = IntStream.range(0, n).toArray();
    SplittableRandom random = new SplittableRandom(mix(seed, epoch));
    for (int i = n - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swap = order[i];
      order[i] = order[j];
      order[j] = swap;
    }
    return order;
  }

  /** A seed from two numbers. */
  static long mix(long a, long b) {
    return new SplittableRandom(a * 0x9E3779B97F4A7C15L + b).nextLong();
  }
}
