package org.dfp4j.backend.fp32;

import java.util.function.IntSupplier;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.presets.DfpNative;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One row of the native table of poolings: {@link JavaPoolKernels}, bit for bit. */
public final class NativePoolKernels extends AbstractPoolKernels {

  private final int row;
  private final String isa;
  private final IntSupplier threads;

  private NativePoolKernels(int row, String isa, IntSupplier threads) {
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
  public static NativePoolKernels forIsa(String isa) {
    return new NativePoolKernels(NativeKernels.rowOf(isa), isa, NativeKernels::nd4jThreads);
  }

  /** As {@link #forIsa(String)}, with at most so many threads, at least 1. */
  public static NativePoolKernels forIsa(String isa, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected >= 1, got " + threads);
    }
    return new NativePoolKernels(NativeKernels.rowOf(isa), isa, () -> threads);
  }

  @Override
  public String name() {
    return "native " + isa;
  }

  @Override
  void densePool(Pooling how, long planes, INDArray src, INDArray dst) {
    check(
        DfpNative.dfp_pool_forward(
            row,
            code(how.kind()),
            dimensions(how),
            planes,
            FloatArrays.pointer(src),
            threads.getAsInt(),
            FloatArrays.pointer(dst)));
  }

  @Override
  void densePoolBackward(
      Pooling how, long planes, INDArray src, INDArray diffDst, INDArray diffSrc) {
    check(
        DfpNative.dfp_pool_backward(
            row,
            code(how.kind()),
            dimensions(how),
            planes,
            FloatArrays.pointer(src),
            FloatArrays.pointer(diffDst),
            threads.getAsInt(),
            FloatArrays.pointer(diffSrc)));
  }

  private static int code(Pooling.Kind kind) {
    return switch (kind) {
      case MAX -> 0;
      case AVERAGE -> 1;
      case AVERAGE_OF_WINDOW -> 2;
    };
  }

  /** As dfp.h orders them. */
  private static int[] dimensions(Pooling s) {
    return new int[] {
      s.ih(), s.iw(), s.oh(), s.ow(), s.kh(), s.kw(), s.sh(), s.sw(), s.ph(), s.pw()
    };
  }

  private void check(int code) {
    if (code != 0) {
      throw new IllegalStateException(
          "pool: expected code 0 of "
              + name()
              + ", got "
              + code
              + ": "
              + DfpNative.dfp_last_error());
    }
  }
}
