package org.dfp4j.backend.memory;

import java.lang.ref.Cleaner;
import org.bytedeco.javacpp.Pointer;

/**
 * Memory on loan from a {@link MemoryPool}, aligned to 64 bytes and not cleared. Closing gives it
 * back; closing twice is harmless. A block that is never closed goes back when it becomes
 * unreachable, so keep it reachable as long as native code uses its memory.
 */
public final class MemoryBlock implements AutoCloseable {

  private static final Cleaner CLEANER = Cleaner.create();

  private final Loan loan;
  private final Cleaner.Cleanable cleanable;

  MemoryBlock(MemoryPool pool, Pointer memory, long capacity, boolean isScratch) {
    this.loan = new Loan(pool, memory, capacity, isScratch);
    this.cleanable = CLEANER.register(this, loan);
  }

  /** The first byte; {@link IllegalStateException} where the block is closed. */
  public Pointer pointer() {
    Pointer memory = loan.memory;
    if (memory == null) {
      throw new IllegalStateException("pointer: expected an open block, got a closed one");
    }
    return memory;
  }

  /** Usable bytes: what was asked for, rounded up. */
  public long capacity() {
    return loan.capacity;
  }

  @Override
  public void close() {
    cleanable.clean();
  }

  /** The part that must not refer to the block, so that the block can become unreachable. */
  private static final class Loan implements Runnable {
    private final MemoryPool pool;
    private final long capacity;
    private final boolean isScratch;
    private volatile Pointer memory;

    Loan(MemoryPool pool, Pointer memory, long capacity, boolean isScratch) {
      this.pool = pool;
      this.memory = memory;
      this.capacity = capacity;
      this.isScratch = isScratch;
    }

    @Override
    public void run() {
      Pointer returned = memory;
      memory = null;
      pool.giveBack(returned, capacity, isScratch);
    }
  }
}
