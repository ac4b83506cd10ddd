package org.dfp4j.backend.kernels;

import java.lang.ref.Reference;
import org.dfp4j.backend.presets.DfpNative;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Passes over FP32 tensors that find the largest magnitude and the fingerprint. */
final class NativeScan {

  private final NativeRow row;

  NativeScan(NativeRow row) {
    this.row = row;
  }

  /** Scans all of {@code x}; without, the fingerprint is 0. */
  Pack.Scan of(INDArray x, boolean withFingerprint) {
    return of(x, x.shape(), withFingerprint);
  }

  /** The fingerprint of that slice of the weights whose index varies slowest in memory. */
  long fingerprintOfSlice(INDArray weights) {
    long[] dims = weights.shape().clone();
    int slowest = 0;
    for (int axis = 1; axis < dims.length; axis++) {
      if (weights.stride(axis) > weights.stride(slowest)) {
        slowest = axis;
      }
    }
    dims[slowest] = 1;
    return of(weights, dims, true).fingerprint();
  }

  /** Scans the elements of {@code x} whose indices are below {@code dims}. */
  private Pack.Scan of(INDArray x, long[] dims, boolean withFingerprint) {
    float[] amax = new float[1];
    int[] finite = new int[1];
    long[] fingerprint = withFingerprint ? new long[1] : null;
    try {
      int result =
          DfpNative.dfp_scan(
              row.index(),
              FloatArrays.pointer(x),
              dims.length,
              dims,
              x.stride(),
              row.threads(),
              amax,
              finite,
              fingerprint);
      row.check("scan", result);
    } finally {
      Reference.reachabilityFence(x);
    }
    return new Pack.Scan(amax[0], finite[0] == 1, withFingerprint ? fingerprint[0] : 0);
  }
}
