package org.dfp4j.examples.models;

import org.nd4j.linalg.factory.Nd4j;

/**
 * Keeps ND4J's arrays outside the Java heap from piling up.
 *
 * <p>They are freed when their Java objects are collected, and a training iteration leaves many
 * megabytes behind (measured: 80 MB, ResNet-50, batch 16, 96×96) but so few objects that a large
 * heap is seldom collected.
 */
public final class OffHeap {

  private static final int ITERATIONS = 8;

  private OffHeap() {}

  /** Collects garbage after each eighth iteration; to be called outside of what is timed. */
  public static void tidy(int iteration) {
    if (iteration % ITERATIONS == ITERATIONS - 1) {
      Nd4j.getMemoryManager().invokeGc();
    }
  }
}
