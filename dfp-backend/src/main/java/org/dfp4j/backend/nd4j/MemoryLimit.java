package org.dfp4j.backend.nd4j;

import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.javacpp.LongPointer;

/**
 * The limit {@code org.bytedeco.javacpp.maxphysicalbytes} of the process's memory. JavaCPP compares
 * only when it allocates memory itself, which ND4J's arrays do not ask it for: their elements come
 * from ND4J's own library, and an unreachable array of 100 MB is a small object to the garbage
 * collector. What has kept them below the limit are the two pointers of every description of a
 * shape; where there are none, one pointer every 5 ms does.
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
