package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;

/**
 * The rows of the native kernel table, for tests. {@code -Ddfp.test.rows=amxint8,avx2} leaves out
 * others.
 */
public final class NativeRows {

  private static final String ROWS_PROPERTY = "dfp.test.rows";

  private NativeRows() {}

  /** Skips the test where there is no native library, with the reason. */
  public static void assumeLibrary() {
    try {
      NativeTable.PROCESS.load();
    } catch (UnsatisfiedLinkError e) {
      abort(e.getMessage());
    }
  }

  /** Every row asked for, whether it runs here or not; none where there is no native library. */
  static List<String> all() {
    try {
      NativeTable.PROCESS.load();
      return NativeTable.PROCESS.rows().stream().filter(NativeRows::isAskedFor).toList();
    } catch (UnsatisfiedLinkError e) {
      return List.of();
    }
  }

  private static boolean isAskedFor(String row) {
    String rows = System.getProperty(ROWS_PROPERTY, "");
    return rows.isEmpty() || Arrays.asList(rows.split(",", -1)).contains(row);
  }

  /** The rows that run here. */
  public static List<String> running() {
    return all().stream().filter(NativeTable.PROCESS::runs).toList();
  }

  /** Skips the test where the row does not run here. */
  static void assumeRuns(String row) {
    assumeLibrary();
    assumeTrue(NativeTable.PROCESS.runs(row), () -> "this CPU does not run " + row);
  }
}
