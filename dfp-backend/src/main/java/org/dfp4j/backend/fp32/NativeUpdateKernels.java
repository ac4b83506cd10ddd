package org.dfp4j.backend.fp32;

import java.lang.ref.Reference;
import java.util.List;
import java.util.function.IntSupplier;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.presets.DfpNative;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One row of the native table of updates: {@link JavaUpdateKernels}, bit for bit. */
public final class NativeUpdateKernels implements UpdateKernels {

  private static final int MAX_TERMS = 16;

  private final int row;
  private final String isa;
  private final IntSupplier threads;

  private NativeUpdateKernels(int row, String isa, IntSupplier threads) {
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
  public static NativeUpdateKernels forIsa(String isa) {
    return new NativeUpdateKernels(NativeKernels.rowOf(isa), isa, NativeKernels::nd4jThreads);
  }

  /** As {@link #forIsa(String)}, with at most so many threads, at least 1. */
  public static NativeUpdateKernels forIsa(String isa, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected >= 1, got " + threads);
    }
    return new NativeUpdateKernels(NativeKernels.rowOf(isa), isa, () -> threads);
  }

  @Override
  public String name() {
    return "native " + isa;
  }

  @Override
  public String toString() {
    return name();
  }

  @Override
  public Sums sums(INDArray x) {
    long count = Vectors.check("x", x);
    double[] sums = new double[2];
    run(() -> DfpNative.dfp_update_sums(row, FloatArrays.pointer(x), count, threads(), sums), x);
    return new Sums(sums[0], sums[1]);
  }

  @Override
  public void addPenalties(INDArray x, List<PenaltyTerm> terms, INDArray gradient) {
    long count = Vectors.check("x", x);
    Vectors.checkPair("gradient", gradient, x);
    // A call of many terms is several passes.
    for (int from = 0; from < terms.size(); from += MAX_TERMS) {
      int length = Math.min(MAX_TERMS, terms.size() - from);
      int[] kinds = new int[length];
      float[] coefficients = new float[length];
      for (int i = 0; i < length; i++) {
        PenaltyTerm term = terms.get(from + i);
        kinds[i] = term.penalty() == Penalty.L1 ? 0 : 1;
        coefficients[i] = term.coefficient();
      }
      run(
          () ->
              DfpNative.dfp_update_penalties(
                  row,
                  FloatArrays.pointer(x),
                  count,
                  length,
                  kinds,
                  coefficients,
                  threads(),
                  FloatArrays.pointer(gradient)),
          x,
          gradient);
    }
  }

  @Override
  public void sgd(INDArray gradient, float rate) {
    long count = Vectors.check("gradient", gradient);
    run(
        () -> DfpNative.dfp_update_sgd(row, rate, count, threads(), FloatArrays.pointer(gradient)),
        gradient);
  }

  @Override
  public void nesterovs(INDArray gradient, INDArray v, float rate, float momentum) {
    long count = Vectors.check("gradient", gradient);
    Vectors.checkPair("v", v, gradient);
    run(
        () ->
            DfpNative.dfp_update_nesterovs(
                row,
                rate,
                momentum,
                count,
                threads(),
                FloatArrays.pointer(gradient),
                FloatArrays.pointer(v)),
        gradient,
        v);
  }

  @Override
  public void rmsProp(INDArray gradient, INDArray s, float rate, float decay, float epsilon) {
    long count = Vectors.check("gradient", gradient);
    Vectors.checkPair("s", s, gradient);
    run(
        () ->
            DfpNative.dfp_update_rms_prop(
                row,
                rate,
                decay,
                epsilon,
                count,
                threads(),
                FloatArrays.pointer(gradient),
                FloatArrays.pointer(s)),
        gradient,
        s);
  }

  @Override
  public void adam(
      INDArray gradient,
      INDArray m,
      INDArray s,
      float rate,
      float beta1,
      float beta2,
      float epsilon) {
    long count = Vectors.check("gradient", gradient);
    Vectors.checkPair("m", m, gradient);
    Vectors.checkPair("s", s, gradient);
    run(
        () ->
            DfpNative.dfp_update_adam(
                row,
                rate,
                beta1,
                beta2,
                epsilon,
                count,
                threads(),
                FloatArrays.pointer(gradient),
                FloatArrays.pointer(m),
                FloatArrays.pointer(s)),
        gradient,
        m,
        s);
  }

  private int threads() {
    return threads.getAsInt();
  }

  private void run(IntSupplier call, INDArray... arrays) {
    try {
      int code = call.getAsInt();
      if (code != 0) {
        throw new IllegalStateException(
            "update: expected code 0 of "
                + name()
                + ", got "
                + code
                + ": "
                + DfpNative.dfp_last_error());
      }
    } finally {
      Reference.reachabilityFence(arrays);
    }
  }
}
