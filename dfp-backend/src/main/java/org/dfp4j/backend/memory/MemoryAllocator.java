package org.dfp4j.backend.memory;

import org.bytedeco.javacpp.Pointer;

/** Where a {@link MemoryPool} gets its memory from. Safe for use by several threads at once. */
public interface MemoryAllocator {

  /** Memory of that many bytes, aligned to 64; null where there is none. */
  Pointer allocate(long bytes);

  /** Gives back what {@link #allocate} gave, once. */
  void free(Pointer memory);
}
