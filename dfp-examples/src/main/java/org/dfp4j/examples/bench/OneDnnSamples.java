package org.dfp4j.examples.bench;

import java.util.function.Supplier;

/** A product by oneDNN with its output and times. */
final class OneDnnSamples implements AutoCloseable {

  private final OneDnnProduct product;
  private final Times kernel;
  private final Times total;

  OneDnnSamples(OneDnnProduct product, Supplier<Times> times) {
    this.product = product;
    this.kernel = times.get();
    this.total = times.get();
  }

  void run() {
    OneDnnProduct.Times times = product.run();
    kernel.add(times.kernel());
    total.add(times.total());
  }

  double medianKernel() {
    return kernel.medianMillis();
  }

  double medianTotal() {
    return total.medianMillis();
  }

  String implementation() {
    return product.implementation();
  }

  @Override
  public void close() {
    product.close();
  }
}
