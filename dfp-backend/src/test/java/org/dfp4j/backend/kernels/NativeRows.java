package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;

/** The rows of the native kernel table, for tests. */
final class NativeRows {

  private NativeRows() {}

  /** Skips the test where there is no native library, with the reason. */
  static void assumeLibrary() {
    try {
      NativeTable.PROCESS.load();
    } catch (UnsatisfiedLinkError e) {
      abort(e.getMessage());
    }
  }

  /** Every row, whether it runs here or not; none where there is no native library. */
  static List<String> all() {
    try {
      NativeTable.PROCESS.load();
      return NativeTable.PROCESS.rows();
    } catch (UnsatisfiedLinkError e) {
      return List.of();
    }
  }

  /** The rows that run here. */
  static List<String> running() {
    return all().stream().filter(NativeTable.PROCESS::runs).toList();
  }

  /** Skips the test where the row does not run here. */
  static void assumeRuns(String row) {
    assumeLibrary();
    assumeTrue(NativeTable.PROCESS.runs(row), () -> "this CPU does not run " + row);
  }
}
