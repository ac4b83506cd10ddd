package org.dfp4j.layers.impl;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.Pass;

/** Times the products of one layer while it is sampled. */
final class ProductTimes {

  private final BooleanSupplier sampled;
  // Read by other threads while the layer trains.
  private final Map<Pass, ProductTime> times = new ConcurrentHashMap<>();

  ProductTimes(BooleanSupplier sampled) {
    this.sampled = sampled;
  }

  /** What was last sampled of each product. */
  Map<Pass, ProductTime> last() {
    return Map.copyOf(times);
  }

  /** Runs one product, which is the layer's {@code product}, whichever the kernels call it. */
  void time(Pass product, Kernels kernels, Runnable run) {
    if (!sampled.getAsBoolean()) {
      run.run();
      return;
    }
    long start = System.nanoTime();
    run.run();
    long nanos = System.nanoTime() - start;
    times.put(product, new ProductTime(product, kernels.name(), nanos));
  }
}
