package org.dfp4j.backend.kernels;

import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.memory.MemoryBlock;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A tensor in the layout of one row; no memory where the tensor is not finite. */
final class NativePack extends Pack {

  private final NativeScan scan;
  private final long fingerprintOfSlice;
  private final MemoryBlock memory;

  NativePack(
      NativeRow row,
      LayerShape shape,
      TensorRole role,
      Quantizer quantizer,
      Scan found,
      long fingerprintOfSlice,
      MemoryBlock memory) {
    super(row.kernels(), shape, role, quantizer, found);
    this.scan = new NativeScan(row);
    this.fingerprintOfSlice = fingerprintOfSlice;
    this.memory = memory;
  }

  Pointer pointer() {
    return memory.pointer();
  }

  @Override
  long size() {
    return memory == null ? 0 : memory.capacity();
  }

  @Override
  void free() {
    if (memory != null) {
      memory.close();
    }
  }

  /** In training nearly every weight changes, so that one slice spares the scan of all. */
  @Override
  boolean mayBePackOf(INDArray x) {
    return scan.fingerprintOfSlice(x) == fingerprintOfSlice;
  }

  @Override
  long fingerprintOf(INDArray x) {
    return scan.of(x, true).fingerprint();
  }
}
