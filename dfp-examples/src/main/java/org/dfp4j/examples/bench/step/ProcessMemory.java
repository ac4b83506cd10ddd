package org.dfp4j.examples.bench.step;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * Physical memory of this process, Java heap included, as Linux counts it.
 *
 * @param peakBytes the most so far
 * @param residentBytes now
 */
public record ProcessMemory(long peakBytes, long residentBytes) {

  private static final Path STATUS = Path.of("/proc/self/status");
  private static final long KIB = 1024;

  static ProcessMemory now() {
    return new ProcessMemory(bytes("VmHWM:"), bytes("VmRSS:"));
  }

  private static long bytes(String field) {
    try (Stream<String> lines = Files.lines(STATUS)) {
      return lines
          .filter(line -> line.startsWith(field))
          .mapToLong(line -> KIB * Long.parseLong(line.replaceAll("\\D+", "")))
          .findFirst()
          .orElseThrow(() -> new IllegalStateException("no " + field + " in " + STATUS));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + STATUS + ": " + e.getMessage(), e);
    }
  }
}
