package org.dfp4j.backend.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.memory.MemoryAllocator;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Native kernels give back all memory, also where a full pool makes them fail half way. */
class NativeMemoryTest {

  private static final ConvShape SHAPE = ShapeFile.convolution("mb2 ic40 ih20 oc70 kh3 ph1");

  private String row;

  /** Native memory that counts what is out. */
  private static final class Counting implements MemoryAllocator {
    private final AtomicInteger live = new AtomicInteger();

    @Override
    public Pointer allocate(long bytes) {
      live.incrementAndGet();
      return DfpNative.dfp_alloc(bytes);
    }

    @Override
    public void free(Pointer memory) {
      live.decrementAndGet();
      DfpNative.dfp_free(memory);
    }
  }

  @BeforeEach
  void bestRow() {
    NativeRows.assumeLibrary();
    assumeTrue(!NativeRows.running().isEmpty(), "no row runs on this CPU");
    row = NativeRows.running().get(0);
  }

  @Test
  void memoryIsAlignedTo64Bytes() {
    Pointer memory = DfpNative.dfp_alloc(100);
    try {
      assertEquals(0, memory.address() % 64);
    } finally {
      DfpNative.dfp_free(memory);
    }
  }

  @Test
  void allMemoryComesBack() {
    Counting memory = new Counting();
    MemoryPool pool = new MemoryPool(memory, 1L << 30);
    Kernels kernels = NativeKernels.forIsa(row, () -> 2, pool);
    Products.of(kernels, SHAPE, DataSet.RANDOM, Quantizer.DEFAULT);
    assertEquals(0, pool.statistics().inUse());
    assertEquals(0, pool.statistics().blocks());
    int afterOneStep = memory.live.get();
    for (int step = 0; step < 5; step++) {
      Products.of(kernels, SHAPE, DataSet.RANDOM, Quantizer.DEFAULT);
    }
    assertEquals(afterOneStep, memory.live.get(), "later steps reuse the blocks of the first");
    pool.trim();
    assertEquals(0, memory.live.get());
  }

  /** Runs a step under every limit from almost nothing to enough. */
  @Test
  void aFullPoolIsAnErrorAndLeaksNothing() {
    Counting memory = new Counting();
    MemoryPool large = new MemoryPool(memory, 1L << 30);
    Products expected =
        Products.of(
            NativeKernels.forIsa(row, () -> 2, large), SHAPE, DataSet.RANDOM, Quantizer.DEFAULT);
    long peak = large.statistics().peak();
    large.trim();
    int failures = 0;
    for (long limit = 4096; limit < peak; limit += 1 + peak / 12) {
      MemoryPool small = new MemoryPool(memory, limit);
      Kernels kernels = NativeKernels.forIsa(row, () -> 2, small);
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () -> Products.of(kernels, SHAPE, DataSet.RANDOM, Quantizer.DEFAULT));
      assertTrue(e.getMessage().contains("-Ddfp.memory.maxBytes"), e.getMessage());
      assertEquals(0, small.statistics().inUse());
      small.trim();
      assertEquals(0, memory.live.get());
      failures++;
    }
    assertTrue(failures > 8, "failures " + failures);
    MemoryPool justEnough = new MemoryPool(memory, peak);
    Products actual =
        Products.of(
            NativeKernels.forIsa(row, () -> 2, justEnough),
            SHAPE,
            DataSet.RANDOM,
            Quantizer.DEFAULT);
    Products.assertSame(expected, actual, "limit " + peak);
    justEnough.trim();
    assertEquals(0, memory.live.get());
  }

  @Test
  void aPackThatNobodyClosedGivesItsMemoryBack() {
    MemoryPool pool = new MemoryPool(new Counting(), 1 << 20);
    Kernels kernels = NativeKernels.forIsa(row, () -> 1, pool);
    INDArray x = DataSet.RANDOM.array(SHAPE, TensorRole.WEIGHTS);
    long bytes = 0;
    for (int i = 0; i < 40; i++) {
      bytes += kernels.pack(SHAPE, TensorRole.WEIGHTS, x, Quantizer.DEFAULT).bytes();
    }
    assertTrue(bytes > 2 * pool.statistics().limit(), "packed " + bytes);
    assertTrue(pool.statistics().inUse() <= pool.statistics().limit());
  }
}
