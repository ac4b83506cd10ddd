package org.dfp4j.backend.memory;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryPoolTest {

  /** Hands out numbers as addresses and keeps books. */
  private static final class Books implements MemoryAllocator {
    private final Set<Long> live = new HashSet<>();
    private final long available;
    private long next = 64;
    private int allocations;

    Books(long available) {
      this.available = available;
    }

    Books() {
      this(Long.MAX_VALUE);
    }

    @Override
    public synchronized Pointer allocate(long bytes) {
      if (live.size() >= available) {
        return null;
      }
      long address = next;
      next += bytes;
      allocations++;
      live.add(address);
      return new Address(address);
    }

    @Override
    public synchronized void free(Pointer memory) {
      if (!live.remove(memory.address())) {
        throw new AssertionError("freed twice or never allocated: " + memory.address());
      }
    }
  }

  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  @Test
  void reusesAClosedBlockOfTheSameSizeClass() {
    Books books = new Books();
    MemoryPool pool = new MemoryPool(books, 1 << 20);
    Pointer first;
    try (MemoryBlock block = pool.take(5000)) {
      first = block.pointer();
      assertEquals(8192, block.capacity());
      assertEquals(new MemoryStatistics(8192, 0, 8192, 1 << 20, 1, 0, 0), pool.statistics());
    }
    assertEquals(new MemoryStatistics(0, 8192, 8192, 1 << 20, 0, 0, 0), pool.statistics());
    try (MemoryBlock block = pool.take(8192)) {
      assertSame(first, block.pointer());
    }
    try (MemoryBlock block = pool.take(8193)) {
      assertNotEquals(first.address(), block.pointer().address());
    }
    assertEquals(2, books.allocations);
  }

  @Test
  void scratchIsCountedAsSuch() {
    MemoryPool pool = new MemoryPool(new Books(), 1 << 20);
    try (MemoryBlock tensor = pool.take(4096);
        MemoryBlock scratch = pool.takeScratch(5000)) {
      assertNotEquals(tensor.pointer().address(), scratch.pointer().address());
      long both = 4096 + 8192;
      assertEquals(new MemoryStatistics(both, 0, both, 1 << 20, 2, 8192, 8192), pool.statistics());
    }
    pool.takeScratch(1).close();
    assertEquals(0, pool.statistics().scratch());
    assertEquals(8192, pool.statistics().scratchPeak());
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 4095, 4096, 4097, 32769, 100_000, 1L << 31, (1L << 40) + 1})
  void sizeClassHoldsTheRequestAndWastesAtMostAnEighth(long bytes) {
    long size = MemoryPool.sizeClass(bytes);
    assertTrue(size >= bytes);
    assertTrue(size - bytes < Math.max(4096, bytes / 8), "waste " + (size - bytes));
    assertEquals(size, MemoryPool.sizeClass(size));
  }

  @Test
  void closingTwiceIsHarmless() {
    MemoryPool pool = new MemoryPool(new Books(), 1 << 20);
    MemoryBlock block = pool.take(1);
    block.close();
    block.close();
    assertEquals(new MemoryStatistics(0, 4096, 4096, 1 << 20, 0, 0, 0), pool.statistics());
    IllegalStateException e = assertThrows(IllegalStateException.class, block::pointer);
    assertEquals("pointer: expected an open block, got a closed one", e.getMessage());
  }

  @Test
  void dropsCachedBlocksBeforeItExceedsTheLimit() {
    Books books = new Books();
    MemoryPool pool = new MemoryPool(books, 5 * 4096);
    pool.take(4096).close();
    pool.take(2 * 4096).close();
    MemoryBlock large = pool.take(4 * 4096);
    assertEquals(
        new MemoryStatistics(4 * 4096, 4096, 4 * 4096, 5 * 4096, 1, 0, 0), pool.statistics());
    assertEquals(2, books.live.size());
    large.close();
    assertEquals(5 * 4096, pool.trim());
    assertEquals(0, books.live.size());
  }

  @Test
  void refusesWhatExceedsTheLimitAndNamesTheNumbers() {
    MemoryPool pool = new MemoryPool(new Books(), 5 * 4096);
    try (MemoryBlock block = pool.take(4 * 4096)) {
      IllegalStateException e =
          assertThrows(IllegalStateException.class, () -> pool.take(2 * 4096));
      assertEquals(
          "bytes: expected at most 4096 free (in use 16384, limit 20480, -Ddfp.memory.maxBytes),"
              + " got 8192",
          e.getMessage());
      assertEquals(4 * 4096, block.capacity());
    }
    assertDoesNotThrow(() -> pool.take(5 * 4096).close());
  }

  @Test
  void saysWhenTheMachineHasNoMemory() {
    MemoryPool pool = new MemoryPool(new Books(0), 1 << 20);
    IllegalStateException e = assertThrows(IllegalStateException.class, () -> pool.take(4096));
    assertEquals(
        "bytes: expected memory from the machine (in use 0, limit 1048576,"
            + " -Ddfp.memory.maxBytes), got none for 4096",
        e.getMessage());
    assertEquals(new MemoryStatistics(0, 0, 0, 1 << 20, 0, 0, 0), pool.statistics());
  }

  @Test
  void freesCachedBlocksWhenTheMachineRunsOut() {
    Books books = new Books(1);
    MemoryPool pool = new MemoryPool(books, 1 << 20);
    pool.take(4096).close();
    try (MemoryBlock block = pool.take(8192)) {
      assertEquals(8192, block.capacity());
    }
    assertEquals(1, books.live.size());
  }

  @Test
  void blocksThatNobodyClosedComeBackWhenRoomIsNeeded() {
    MemoryPool pool = new MemoryPool(new Books(), 10 * 4096);
    for (int i = 0; i < 100; i++) {
      assertEquals(4 * 4096, pool.take(4 * 4096).capacity());
    }
    assertTrue(pool.statistics().inUse() <= 10 * 4096);
  }

  @Test
  void anOpenReachableBlockIsNotTakenAway() {
    MemoryPool pool = new MemoryPool(new Books(), 2 * 4096);
    MemoryBlock block = pool.take(2 * 4096);
    try {
      assertThrows(IllegalStateException.class, () -> pool.take(1));
      assertEquals(2 * 4096, pool.statistics().inUse());
    } finally {
      Reference.reachabilityFence(block);
    }
  }

  @Test
  void severalThreadsNeverShareABlock() throws Exception {
    Books books = new Books();
    MemoryPool pool = new MemoryPool(books, 1 << 20);
    Set<Long> open = new HashSet<>();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<?>> results = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Random random = new Random(t);
        results.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 2000; i++) {
                    try (MemoryBlock block = pool.take(1 + random.nextInt(40_000))) {
                      long address = block.pointer().address();
                      synchronized (open) {
                        assertTrue(open.add(address), "shared block");
                      }
                      synchronized (open) {
                        open.remove(address);
                      }
                    }
                  }
                }));
      }
      for (Future<?> result : results) {
        result.get();
      }
    } finally {
      threads.shutdown();
    }
    MemoryStatistics end = pool.statistics();
    assertEquals(0, end.inUse());
    assertEquals(0, end.blocks());
    assertTrue(end.peak() <= end.limit());
    assertEquals(end.cached(), pool.trim());
    assertEquals(0, books.live.size());
  }

  @Test
  void limitComesFromThePropertyOrHalfOfTheMemory() {
    assertEquals(500, MemoryPool.limitOf(null, 1000));
    assertEquals(500, MemoryPool.limitOf(" ", 1000));
    assertEquals(77, MemoryPool.limitOf("77", 1000));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1g", "many"})
  void anUnknownLimitIsAnError(String value) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> MemoryPool.limitOf(value, 1000));
    assertEquals(
        "dfp.memory.maxBytes: expected a number of bytes >= 1, got " + value, e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -5, Long.MIN_VALUE})
  void aRequestIsAtLeastOneByte(long bytes) {
    MemoryPool pool = new MemoryPool(new Books(), 1 << 20);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> pool.take(bytes));
    assertEquals("bytes: expected >= 1, got " + bytes, e.getMessage());
  }
}
