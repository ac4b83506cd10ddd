package org.dfp4j.backend.memory;

import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.presets.DfpNative;

/** Memory of the native library: aligned to 64 bytes, in huge pages where the size is worth it. */
final class NativeMemory implements MemoryAllocator {

  NativeMemory() {
    DfpNative.load();
  }

  @Override
  public Pointer allocate(long bytes) {
    return DfpNative.dfp_alloc(bytes);
  }

  @Override
  public void free(Pointer memory) {
    DfpNative.dfp_free(memory);
  }
}
