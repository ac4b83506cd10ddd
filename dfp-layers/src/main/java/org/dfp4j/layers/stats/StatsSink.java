package org.dfp4j.layers.stats;

import java.io.IOException;
import java.nio.file.Path;

/** Where a {@link DfpStatsListener} writes. */
public interface StatsSink extends AutoCloseable {

  /** Called once, before any record. */
  void start(RunInfo info);

  /** One more record. */
  void write(StatsRecord record);

  /** Writes what is still held back and gives resources back. */
  @Override
  void close();

  /**
   * Writes one JSON object a line: {@code {"iteration":..,"score":..,"seconds":..}} for an
   * iteration, {@code {"iteration":..,"layer":..,"tensor":..,"exponent":..}} for a tensor of a
   * layer. An existing file is replaced.
   */
  static StatsSink jsonLines(Path file) throws IOException {
    return RowSink.jsonLines(file);
  }

  /**
   * Writes the same rows as comma-separated values, a column for each key, empty where a row has
   * none. An existing file is replaced.
   */
  static StatsSink csv(Path file) throws IOException {
    return RowSink.csv(file);
  }
}
