package org.dfp4j.backend.ops;

/**
 * A part of the running thread's work whose ND4J ops were chosen to be FP32: whoever would run them
 * in another precision asks {@link #isActive} and leaves them alone.
 */
public final class Fp32Section {

  private static final ThreadLocal<Integer> DEPTH = ThreadLocal.withInitial(() -> 0);

  private Fp32Section() {}

  /** Whether the running thread is in such a part. */
  public static boolean isActive() {
    return DEPTH.get() > 0;
  }

  /** Runs such a part. */
  public static void run(Runnable work) {
    int depth = DEPTH.get();
    DEPTH.set(depth + 1);
    try {
      work.run();
    } finally {
      if (depth == 0) {
        DEPTH.remove();
      } else {
        DEPTH.set(depth);
      }
    }
  }
}
