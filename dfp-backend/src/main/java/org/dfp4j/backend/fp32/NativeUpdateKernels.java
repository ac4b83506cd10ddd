package org.dfp4j.backend.fp32;

import java.lang.ref.Reference;
import java.util.List;
import java.util.function.IntSupplier;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.presets.DfpNative;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One row of the native table of updates: {@link JavaUpdateKernels}, bit for bit. */
public final class NativeUpdateKernels implements UpdateKernels {

  private static final int MAX_TERMS = 16;

  private final int row;
  private final String isa;
  private final IntSupplier threads;

  /**
   * The updates of a row.
   *
   * @param row of the native table; it runs here
   * @param isa its name
   * @param threads the most that a call uses
   */
  public NativeUpdateKernels(int row, String isa, IntSupplier threads) {
    this.row = row;
    this.isa = isa;
    this.threads = threads;
  }

  @Override
  public String name() {
    return "native " + isa;
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
    Vectors.check("gradient", gradient, count);
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
    Vectors.check("v", v, count);
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
    Vectors.check("s", s, count);
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
    Vectors.check("m", m, count);
    Vectors.check("s", s, count);
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
