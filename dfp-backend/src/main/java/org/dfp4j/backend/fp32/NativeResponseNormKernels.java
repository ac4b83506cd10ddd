package org.dfp4j.backend.fp32;

import java.util.function.IntSupplier;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.presets.DfpNative;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One row of the native table: {@link JavaResponseNormKernels}, bit for bit. */
public final class NativeResponseNormKernels extends AbstractResponseNormKernels {

  private final int row;
  private final String isa;
  private final IntSupplier threads;

  private NativeResponseNormKernels(int row, String isa, IntSupplier threads) {
    this.row = row;
    this.isa = isa;
    this.threads = threads;
  }

  /**
   * The kernels of one instruction set, whatever the process uses otherwise, with ND4J's threads.
   *
   * @param isa {@code avx2}, {@code avx512vnni} or {@code amxint8}; {@link
   *     IllegalArgumentException} where there is no such row or this machine cannot run it
   * @throws UnsatisfiedLinkError where there is no native library
   */
  public static NativeResponseNormKernels forIsa(String isa) {
    return new NativeResponseNormKernels(NativeKernels.rowOf(isa), isa, NativeKernels::nd4jThreads);
  }

  /** As {@link #forIsa(String)}, with at most so many threads, at least 1. */
  public static NativeResponseNormKernels forIsa(String isa, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected >= 1, got " + threads);
    }
    return new NativeResponseNormKernels(NativeKernels.rowOf(isa), isa, () -> threads);
  }

  @Override
  public String name() {
    return "native " + isa;
  }

  @Override
  void denseNormalize(ResponseNorm norm, INDArray x, INDArray dst) {
    check(
        DfpNative.dfp_lrn_forward(
            row,
            shape(x),
            norm.half(),
            (float) norm.k(),
            (float) norm.alpha(),
            norm.slope(),
            norm.quarters(),
            FloatArrays.pointer(x),
            threads.getAsInt(),
            FloatArrays.pointer(dst)));
  }

  @Override
  void denseBackward(ResponseNorm norm, INDArray x, INDArray diffDst, INDArray diffSrc) {
    check(
        DfpNative.dfp_lrn_backward(
            row,
            shape(x),
            norm.half(),
            (float) norm.k(),
            (float) norm.alpha(),
            norm.slope(),
            norm.quarters(),
            FloatArrays.pointer(x),
            FloatArrays.pointer(diffDst),
            threads.getAsInt(),
            FloatArrays.pointer(diffSrc)));
  }

  /** As dfp.h orders them. */
  private static long[] shape(INDArray x) {
    return new long[] {x.size(0), x.size(1), x.size(2) * x.size(3)};
  }

  private void check(int code) {
    if (code != 0) {
      throw new IllegalStateException(
          "response normalization: expected code 0 of "
              + name()
              + ", got "
              + code
              + ": "
              + DfpNative.dfp_last_error());
    }
  }
}
