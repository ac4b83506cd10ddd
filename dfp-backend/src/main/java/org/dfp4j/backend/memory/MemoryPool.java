package org.dfp4j.backend.memory;

import java.lang.management.ManagementFactory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.bytedeco.javacpp.Pointer;

/**
 * A bounded pool of off-heap memory. Closed blocks are kept and reused for requests of the same
 * size class; a training step asks for the same sizes over and over.
 *
 * <pre>
 *   class(bytes) = bytes rounded up to a multiple of max(4096, 2^floor(log2(bytes)) / 8)
 * </pre>
 *
 * so that at most 4095 bytes or an eighth are unused. Open and cached blocks together never exceed
 * the limit. Where a request would, cached blocks are freed first, largest first; then the garbage
 * collector is asked once for blocks that nobody closed; then the request fails.
 *
 * <p>Safe for use by several threads at once.
 */
public final class MemoryPool {

  /**
   * System property: the limit of {@link #shared()} in bytes. The default is half of the physical
   * memory, or of the container's limit where that is lower.
   */
  public static final String MAX_BYTES_PROPERTY = "dfp.memory.maxBytes";

  private static final long MIN_STEP = 4096;
  private static final int STEPS_PER_DOUBLING = 8;
  private static final long COLLECTION_MILLIS = 300;

  private static MemoryPool shared;

  private final MemoryAllocator allocator;
  private final long limit;

  private final TreeMap<Long, Deque<Pointer>> cache = new TreeMap<>();
  private long cached;
  private long inUse;
  private long peak;
  private int blocks;
  private long scratch;
  private long scratchPeak;

  /**
   * An empty pool.
   *
   * @param limit the most that open and cached blocks may hold together, in bytes
   */
  public MemoryPool(MemoryAllocator allocator, long limit) {
    if (allocator == null) {
      throw new IllegalArgumentException("allocator: expected an allocator, got null");
    }
    if (limit < 1) {
      throw new IllegalArgumentException("limit: expected >= 1, got " + limit);
    }
    this.allocator = allocator;
    this.limit = limit;
  }

  /**
   * The pool of this process, in native memory; created on first use, so that the native library is
   * loaded only where it is used.
   *
   * @throws IllegalArgumentException where {@link #MAX_BYTES_PROPERTY} is not a number of bytes
   */
  public static MemoryPool shared() {
    synchronized (MemoryPool.class) {
      if (shared == null) {
        long limit = limitOf(System.getProperty(MAX_BYTES_PROPERTY), physicalBytes());
        shared = new MemoryPool(new NativeMemory(), limit);
      }
      return shared;
    }
  }

  private static long physicalBytes() {
    return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
        .getTotalMemorySize();
  }

  /** The limit that a value of {@link #MAX_BYTES_PROPERTY} sets; null and blank set none. */
  static long limitOf(String property, long physicalBytes) {
    if (property == null || property.isBlank()) {
      return Math.max(1, physicalBytes / 2);
    }
    long limit;
    try {
      limit = Long.parseLong(property.trim());
    } catch (NumberFormatException e) {
      limit = -1;
    }
    if (limit < 1) {
      throw new IllegalArgumentException(
          MAX_BYTES_PROPERTY + ": expected a number of bytes >= 1, got " + property);
    }
    return limit;
  }

  /**
   * Lends a block.
   *
   * @param bytes at least 1
   * @throws IllegalStateException where the limit or the machine's memory does not allow it
   */
  public MemoryBlock take(long bytes) {
    return take(bytes, false);
  }

  /** As {@link #take}, for the scratch of one product, which is counted as such. */
  public MemoryBlock takeScratch(long bytes) {
    return take(bytes, true);
  }

  private MemoryBlock take(long bytes, boolean isScratch) {
    if (bytes < 1) {
      throw new IllegalArgumentException("bytes: expected >= 1, got " + bytes);
    }
    long size = sizeClass(bytes);
    Pointer memory = reserve(size);
    if (memory == null) {
      collectGarbage(size);
      memory = reserve(size);
    }
    if (memory == null) {
      throw new IllegalStateException(outOfMemory(size));
    }
    if (isScratch) {
      countScratch(size);
    }
    return new MemoryBlock(this, memory, size, isScratch);
  }

  private synchronized void countScratch(long size) {
    scratch += size;
    scratchPeak = Math.max(scratchPeak, scratch);
  }

  static long sizeClass(long bytes) {
    long step = Math.max(MIN_STEP, Long.highestOneBit(bytes) / STEPS_PER_DOUBLING);
    long up = bytes + step - 1;
    return up < 0 ? bytes : up - up % step;
  }

  /** Memory from the cache or new; null where the limit or the allocator refuses. */
  private synchronized Pointer reserve(long size) {
    Pointer memory = fromCache(size);
    if (memory == null && size <= limit - inUse) {
      while (size > limit - inUse - cached) {
        freeLargestCached();
      }
      memory = allocator.allocate(size);
      while (memory == null && cached > 0) {
        freeLargestCached();
        memory = allocator.allocate(size);
      }
    }
    if (memory != null) {
      inUse += size;
      peak = Math.max(peak, inUse);
      blocks++;
    }
    return memory;
  }

  private Pointer fromCache(long size) {
    Deque<Pointer> sameSize = cache.get(size);
    if (sameSize == null) {
      return null;
    }
    Pointer memory = sameSize.pop();
    if (sameSize.isEmpty()) {
      cache.remove(size);
    }
    cached -= size;
    return memory;
  }

  private void freeLargestCached() {
    Map.Entry<Long, Deque<Pointer>> largest = cache.lastEntry();
    allocator.free(fromCache(largest.getKey()));
  }

  /** Lets the collector return blocks that nobody closed, and waits a moment for room. */
  private void collectGarbage(long size) {
    if (statistics().blocks() == 0) {
      return;
    }
    System.gc();
    long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(COLLECTION_MILLIS);
    try {
      awaitRoom(size, deadline);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized void awaitRoom(long size, long deadline) throws InterruptedException {
    long left = deadline - System.nanoTime();
    while (size > limit - inUse && left > 0) {
      TimeUnit.NANOSECONDS.timedWait(this, left);
      left = deadline - System.nanoTime();
    }
  }

  synchronized void giveBack(Pointer memory, long size, boolean isScratch) {
    inUse -= size;
    scratch -= isScratch ? size : 0;
    blocks--;
    cached += size;
    cache.computeIfAbsent(size, key -> new ArrayDeque<>()).push(memory);
    notifyAll();
  }

  /** Frees every cached block; returns how many bytes. */
  public synchronized long trim() {
    long freed = cached;
    while (cached > 0) {
      freeLargestCached();
    }
    return freed;
  }

  /** What the pool holds now. */
  public synchronized MemoryStatistics statistics() {
    return new MemoryStatistics(inUse, cached, peak, limit, blocks, scratch, scratchPeak);
  }

  private synchronized String outOfMemory(long size) {
    String state = " (in use " + inUse + ", limit " + limit + ", -D" + MAX_BYTES_PROPERTY + ")";
    return size > limit - inUse
        ? "bytes: expected at most " + (limit - inUse) + " free" + state + ", got " + size
        : "bytes: expected memory from the machine" + state + ", got none for " + size;
  }
}
