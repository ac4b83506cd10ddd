package org.dfp4j.examples.bench;

import java.util.List;

/**
 * All layers at one batch size with one number of threads.
 *
 * @param batch size of the batch
 * @param threads of each implementation
 * @param layers by distinct shape
 * @param summary of the network
 */
public record BenchRun(int batch, int threads, List<LayerResult> layers, Summary summary) {

  /** What tells runs apart. */
  record Key(int batch, int threads) {}

  public BenchRun {
    layers = List.copyOf(layers);
  }

  static BenchRun of(Key key, List<LayerResult> layers) {
    return new BenchRun(key.batch(), key.threads(), layers, Summary.of(layers));
  }
}
