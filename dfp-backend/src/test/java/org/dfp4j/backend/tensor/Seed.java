package org.dfp4j.backend.tensor;

import java.util.SplittableRandom;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestWatcher;

/** The seed of the random cases: {@code -Ddfp.test.seed}, printed where a test fails. */
final class Seed implements TestWatcher {

  static final long VALUE = Long.getLong("dfp.test.seed", 20180201);

  /** A fresh generator; every test draws the same numbers whatever ran before it. */
  static SplittableRandom random() {
    return new SplittableRandom(VALUE);
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    System.out.println(context.getDisplayName() + ": repeat with -Ddfp.test.seed=" + VALUE);
  }
}
