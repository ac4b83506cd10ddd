package org.dfp4j.backend.nd4j;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.LongPointer;

/**
 * The limit {@code org.bytedeco.javacpp.maxphysicalbytes} of the process's memory. JavaCPP looks at
 * it only when a pointer allocates, and the elements of ND4J's arrays come from ND4J's own library.
 * They are under the limit because each description of a shape allocates two pointers; where
 * descriptions are cached, one pointer every 5 ms keeps them there.
 */
final class MemoryLimit {

  private static final long PERIOD_NANOS = 5_000_000;

  private final AtomicLong due = new AtomicLong(System.nanoTime());

  /**
   * Above the limit, collects garbage; at most every 5 ms.
   *
   * @throws OutOfMemoryError if that does not help, as JavaCPP does
   */
  void check() {
    long now = System.nanoTime();
    long then = due.get();
    if (now - then >= 0 && due.compareAndSet(then, now + PERIOD_NANOS)) {
      new LongPointer(1).close();
    }
  }
}
