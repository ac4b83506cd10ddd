package org.dfp4j.examples.bench;

import java.util.function.Supplier;

/** Times of DFP-16 in one pass of one shape. */
final class DfpSamples {

  private final Times packWithoutGuess;
  private final Times pack;
  private final Times weightPack;
  private final Times kernel;
  private final Times total;
  private final Times kept;
  private final Times recognize;

  /**
   * Without times.
   *
   * @param kept whether runs with weights that are packed already will be added
   */
  DfpSamples(Supplier<Times> times, boolean kept) {
    this.packWithoutGuess = times.get();
    this.pack = times.get();
    this.weightPack = times.get();
    this.kernel = times.get();
    this.total = times.get();
    this.kept = kept ? times.get() : null;
    this.recognize = kept ? times.get() : null;
  }

  void add(DfpProduct.Times times) {
    pack.add(times.pack());
    weightPack.add(times.weightPack());
    kernel.add(times.kernel());
    total.add(times.total());
  }

  void addPackWithoutGuess(long nanos) {
    packWithoutGuess.add(nanos);
  }

  void addKept(DfpProduct.Times times, long recognizeNanos) {
    kept.add(times.total());
    recognize.add(recognizeNanos);
  }

  Measurement.Dfp medians() {
    return new Measurement.Dfp(
        Math.max(0, packWithoutGuess.medianMillis() - pack.medianMillis()),
        pack.medianMillis(),
        weightPack.medianMillis(),
        kernel.medianMillis(),
        total.medianMillis(),
        kept == null ? null : kept.medianMillis(),
        recognize == null ? null : recognize.medianMillis());
  }
}
