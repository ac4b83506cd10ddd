package org.dfp4j.backend.fp32;

import java.util.function.IntSupplier;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.pointwise.ChannelAffine;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.presets.NativeRectifiers;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One instruction set of the native library: {@link JavaFp32Kernels}, bit for bit, with vector
 * instructions and as many threads as ND4J uses.
 */
public final class NativeFp32Kernels extends AbstractFp32Kernels {

  private final int row;
  private final String isa;
  private final IntSupplier threads;

  private NativeFp32Kernels(int row, String isa, IntSupplier threads) {
    this.row = row;
    this.isa = isa;
    this.threads = threads;
  }

  /**
   * The kernels of one instruction set, whatever the process uses otherwise.
   *
   * @param isa {@code avx2}, {@code avx512vnni} or {@code amxint8}; {@link
   *     IllegalArgumentException} where there is no such row or this machine cannot run it
   * @throws UnsatisfiedLinkError where there is no native library
   */
  public static NativeFp32Kernels forIsa(String isa) {
    return forIsa(isa, NativeKernels::nd4jThreads);
  }

  /** As {@link #forIsa(String)}, with at most so many threads, at least 1. */
  public static NativeFp32Kernels forIsa(String isa, int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected >= 1, got " + threads);
    }
    return forIsa(isa, () -> threads);
  }

  private static NativeFp32Kernels forIsa(String isa, IntSupplier threads) {
    return new NativeFp32Kernels(NativeKernels.rowOf(isa), isa, threads);
  }

  @Override
  public String name() {
    return "native " + isa;
  }

  @Override
  void denseSums(ChannelShape shape, INDArray x, float[] written) {
    check(
        "channelSums",
        DfpNative.dfp_channel_sums(
            row, dimensions(shape), FloatArrays.pointer(x), threads.getAsInt(), written));
  }

  @Override
  void denseStatistics(ChannelShape shape, INDArray x, ChannelStatistics written) {
    check(
        "statistics",
        DfpNative.dfp_batch_norm_statistics(
            row,
            dimensions(shape),
            FloatArrays.pointer(x),
            threads.getAsInt(),
            written.mean(),
            written.variance()));
  }

  @Override
  void denseTraining(
      BatchNorm norm,
      INDArray x,
      float[] gamma,
      float[] beta,
      INDArray y,
      ChannelStatistics written) {
    check(
        "batchNormTraining",
        DfpNative.dfp_batch_norm_training(
            row,
            dimensions(norm.shape()),
            FloatArrays.pointer(x),
            gamma,
            beta,
            norm.eps(),
            threads.getAsInt(),
            FloatArrays.pointer(y),
            written.mean(),
            written.variance()));
  }

  @Override
  void denseInference(
      BatchNorm norm,
      INDArray x,
      ChannelStatistics statistics,
      float[] gamma,
      float[] beta,
      INDArray y) {
    check(
        "batchNormInference",
        DfpNative.dfp_batch_norm_inference(
            row,
            dimensions(norm.shape()),
            FloatArrays.pointer(x),
            statistics.mean(),
            statistics.variance(),
            gamma,
            beta,
            norm.eps(),
            threads.getAsInt(),
            FloatArrays.pointer(y)));
  }

  @Override
  float denseBackward(
      BatchNorm norm,
      INDArray x,
      INDArray diffDst,
      Pointwise forward,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      INDArray diffSrc,
      float[] diffGamma,
      float[] diffBeta,
      float[] sums) {
    float[] amax = new float[1];
    check(
        "batchNormBackward",
        DfpNative.dfp_batch_norm_backward(
            row,
            dimensions(norm.shape()),
            FloatArrays.pointer(x),
            FloatArrays.pointer(diffDst),
            used.mean(),
            used.variance(),
            batchMean,
            gamma,
            norm.eps(),
            forward.f() == null ? null : forward.affine().scale(),
            forward.f() == null ? null : forward.affine().offset(),
            NativeRectifiers.kind(forward.f()),
            NativeRectifiers.parameter(forward.f()),
            threads.getAsInt(),
            FloatArrays.pointer(diffSrc),
            diffGamma,
            diffBeta,
            amax,
            sums));
    return amax[0];
  }

  @Override
  void denseSum(DeferredTensor a, DeferredTensor b, Rectifier f, INDArray y) {
    ChannelAffine first = a.function().affine();
    ChannelAffine second = b == null ? null : b.function().affine();
    check(
        "sum",
        DfpNative.dfp_deferred_sum(
            row,
            dimensions(ChannelShape.of(y.shape(), 1)),
            FloatArrays.pointer(a.x()),
            first == null ? null : first.mean(),
            first == null ? null : first.scale(),
            first == null ? null : first.offset(),
            b == null ? null : FloatArrays.pointer(b.x()),
            second == null ? null : second.mean(),
            second == null ? null : second.scale(),
            second == null ? null : second.offset(),
            NativeRectifiers.kind(f),
            NativeRectifiers.parameter(f),
            threads.getAsInt(),
            FloatArrays.pointer(y)));
  }

  @Override
  void denseActivation(Rectifier f, INDArray x, INDArray y) {
    check(
        "activation",
        DfpNative.dfp_activation_forward(
            row,
            NativeRectifiers.kind(f),
            NativeRectifiers.parameter(f),
            FloatArrays.pointer(x),
            x.length(),
            threads.getAsInt(),
            FloatArrays.pointer(y)));
  }

  @Override
  void denseActivationBackward(Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc) {
    check(
        "activationBackward",
        DfpNative.dfp_activation_backward(
            row,
            NativeRectifiers.kind(f),
            NativeRectifiers.parameter(f),
            FloatArrays.pointer(x),
            FloatArrays.pointer(diffDst),
            x.length(),
            threads.getAsInt(),
            FloatArrays.pointer(diffSrc)));
  }

  @Override
  float denseActivationGradient(
      Rectifier f,
      ChannelShape shape,
      INDArray x,
      INDArray diffDst,
      INDArray diffSrc,
      float[] sums) {
    float[] amax = new float[1];
    check(
        "activationGradient",
        DfpNative.dfp_activation_gradient(
            row,
            NativeRectifiers.kind(f),
            NativeRectifiers.parameter(f),
            dimensions(shape),
            FloatArrays.pointer(x),
            FloatArrays.pointer(diffDst),
            threads.getAsInt(),
            FloatArrays.pointer(diffSrc),
            amax,
            sums));
    return amax[0];
  }

  private void check(String what, int code) {
    if (code != 0) {
      throw new IllegalStateException(
          what
              + ": expected code 0 of "
              + name()
              + ", got "
              + code
              + ": "
              + DfpNative.dfp_last_error());
    }
  }

  /** As dfp.h orders them. */
  private static long[] dimensions(ChannelShape shape) {
    return new long[] {shape.outer(), shape.channels(), shape.inner()};
  }
}
