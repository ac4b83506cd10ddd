package org.dfp4j.examples.bench;

import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What to measure.
 *
 * @param kind of layers
 * @param batches sizes of the batch, each once
 * @param threads of each implementation, each number once
 * @param isa row of the native kernel table
 * @param passes of the layers
 * @param implementations DFP-16 and what is beside it
 * @param repetitions that are counted
 * @param checkBatch batch size of the comparison with the Java kernels
 * @param inputs of all implementations
 * @param seed of the inputs
 */
public record BenchSettings(
    LayerKind kind,
    List<Integer> batches,
    List<Integer> threads,
    String isa,
    Set<Direction> passes,
    Set<Implementation> implementations,
    int repetitions,
    int checkBatch,
    Inputs inputs,
    long seed) {

  public BenchSettings {
    batches = List.copyOf(batches);
    threads = List.copyOf(threads);
    checkEach("batches", batches);
    checkEach("threads", threads);
    checkEach("repetitions", List.of(repetitions));
    checkEach("checkBatch", List.of(checkBatch));
    if (passes.isEmpty()) {
      throw new IllegalArgumentException("passes: expected at least one, got none");
    }
    passes = Collections.unmodifiableSet(EnumSet.copyOf(passes));
    if (!implementations.contains(Implementation.DFP16)) {
      throw new IllegalArgumentException(
          "implementations: expected dfp16 among them, got " + implementations);
    }
    implementations = Collections.unmodifiableSet(EnumSet.copyOf(implementations));
  }

  private static void checkEach(String argument, List<Integer> values) {
    if (values.isEmpty() || new HashSet<>(values).size() < values.size()) {
      throw new IllegalArgumentException(
          argument + ": expected at least one, each once, got " + values);
    }
    for (int value : values) {
      if (value < 1) {
        throw new IllegalArgumentException(argument + ": expected >= 1, got " + value);
      }
    }
  }
}
