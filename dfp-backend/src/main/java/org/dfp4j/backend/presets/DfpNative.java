package org.dfp4j.backend.presets;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.annotation.Cast;
import org.bytedeco.javacpp.annotation.Const;
import org.bytedeco.javacpp.annotation.Platform;

/**
 * The functions of {@code dfp/dfp.h}, one to one and under the same names; that header documents
 * them.
 *
 * <p>Nothing is checked here: a wrong size, shape or pointer ends the process. {@code
 * org.dfp4j.backend.kernels} checks its arguments before it calls. Call {@link #load()} first.
 */
@Platform(
    value = "linux-x86_64",
    include = "dfp/dfp.h",
    compiler = "cpp17",
    library = "jnidfp",
    // The name under which ND4J's own presets load it: one libgomp, hence one thread pool, serves
    // both, whichever is loaded first, and none need be installed.
    preload = "gomp@.1",
    preloadresource = {"/org/bytedeco/openblas/", "/org/nd4j/linalg/cpu/nativecpu/bindings/"})
@SuppressWarnings("MemberName")
public final class DfpNative {

  private DfpNative() {}

  /**
   * Loads the native library; further calls do nothing.
   *
   * @throws UnsatisfiedLinkError with the reason and the remedy where there is no library for this
   *     platform, none on the class path, or one that does not load
   */
  public static void load() {
    String platform = Loader.getPlatform();
    if (!"linux-x86_64".equals(platform)) {
      throw new UnsatisfiedLinkError(
          "native kernels: expected platform linux-x86_64, got " + platform);
    }
    if (DfpNative.class.getResource(platform + "/libjnidfp.so") == null) {
      throw new UnsatisfiedLinkError(
          "native kernels: expected "
              + platform
              + "/libjnidfp.so beside class DfpNative, got none"
              + " (add the dependency org.dfp4j:dfp-backend with classifier linux-x86_64;"
              + " in a build from source, install g++ 11 or newer and build again)");
    }
    try {
      Loader.load(DfpNative.class);
    } catch (LinkageError e) {
      UnsatisfiedLinkError error =
          new UnsatisfiedLinkError(
              "native kernels: expected libjnidfp.so to load, got " + e.getMessage());
      error.initCause(e);
      throw error;
    }
  }

  // Errors

  public static native @Cast("const char*") String dfp_last_error();

  // Instruction sets

  public static native int dfp_isa_count();

  public static native @Cast("const char*") String dfp_isa_name(int isa);

  public static native int dfp_isa_runs(int isa);

  public static native int dfp_isa_select(@Cast("const char*") String cap);

  public static native @Cast("const char*") String dfp_cpu_name();

  // Memory

  public static native Pointer dfp_alloc(@Cast("int64_t") long bytes);

  public static native void dfp_free(Pointer memory);

  // Reading an FP32 tensor

  public static native int dfp_scan(
      int isa,
      @Const FloatPointer x,
      int rank,
      @Cast("const int64_t*") long[] shape,
      @Cast("const int64_t*") long[] strides,
      int threads,
      float[] amax,
      int[] finite,
      @Cast("int64_t*") long[] fingerprint);

  // Convolution

  public static native @Cast("int64_t") long dfp_conv_packed_bytes(
      int isa, @Const int[] shape, int role);

  public static native @Cast("int64_t") long dfp_conv_scratch_bytes(
      int isa, @Const int[] shape, int pass, int threads);

  public static native int dfp_conv_pack(
      int isa,
      @Const int[] shape,
      int role,
      @Const FloatPointer x,
      @Cast("const int64_t*") long[] strides,
      int exponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      int threads,
      Pointer packed,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_conv_pack_deferred(
      int isa,
      @Const int[] shape,
      @Const FloatPointer x,
      @Const float[] mean,
      @Const float[] scale,
      @Const float[] offset,
      int kind,
      float parameter,
      int exponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      int threads,
      Pointer packed,
      float[] amax);

  public static native int dfp_conv_forward(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer weights,
      int exponent,
      @Const FloatPointer bias,
      FloatPointer dst,
      int threads,
      Pointer scratch);

  public static native int dfp_conv_backward_data(
      int isa,
      @Const int[] shape,
      @Const Pointer diffDst,
      @Const Pointer weights,
      int exponent,
      FloatPointer diffSrc,
      int threads,
      Pointer scratch);

  public static native int dfp_conv_backward_weights(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer diffDst,
      int exponent,
      FloatPointer diffWeights,
      int threads,
      Pointer scratch);

  public static native int dfp_conv_takes_fp32_weights(int isa, @Const int[] shape);

  public static native int dfp_conv_forward_fp32(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      int srcExponent,
      @Const FloatPointer weights,
      @Cast("const int64_t*") long[] strides,
      int weightsExponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      @Const FloatPointer bias,
      FloatPointer dst,
      int threads,
      Pointer scratch,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_conv_backward_data_fp32(
      int isa,
      @Const int[] shape,
      @Const Pointer diffDst,
      int diffDstExponent,
      @Const FloatPointer weights,
      @Cast("const int64_t*") long[] strides,
      int weightsExponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      FloatPointer diffSrc,
      int threads,
      Pointer scratch,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  // 3-D convolution

  public static native @Cast("int64_t") long dfp_conv3d_packed_bytes(
      int isa, @Const int[] shape, int role);

  public static native @Cast("int64_t") long dfp_conv3d_scratch_bytes(
      int isa, @Const int[] shape, int pass, int threads);

  public static native int dfp_conv3d_pack(
      int isa,
      @Const int[] shape,
      int role,
      @Const FloatPointer x,
      @Cast("const int64_t*") long[] strides,
      int exponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      int threads,
      Pointer packed,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_conv3d_forward(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer weights,
      int exponent,
      @Const FloatPointer bias,
      FloatPointer dst,
      int threads,
      Pointer scratch);

  public static native int dfp_conv3d_backward_data(
      int isa,
      @Const int[] shape,
      @Const Pointer diffDst,
      @Const Pointer weights,
      int exponent,
      FloatPointer diffSrc,
      int threads,
      Pointer scratch);

  public static native int dfp_conv3d_backward_weights(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer diffDst,
      int exponent,
      FloatPointer diffWeights,
      int threads,
      Pointer scratch);

  // Depthwise convolution

  public static native @Cast("int64_t") long dfp_dwconv_packed_bytes(
      int isa, @Const int[] shape, int role);

  public static native @Cast("int64_t") long dfp_dwconv_scratch_bytes(
      int isa, @Const int[] shape, int pass, int threads);

  public static native int dfp_dwconv_pack(
      int isa,
      @Const int[] shape,
      int role,
      @Const FloatPointer x,
      @Cast("const int64_t*") long[] strides,
      int exponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      int threads,
      Pointer packed,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_dwconv_forward(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer weights,
      int exponent,
      @Const FloatPointer bias,
      FloatPointer dst,
      int threads,
      Pointer scratch);

  public static native int dfp_dwconv_backward_data(
      int isa,
      @Const int[] shape,
      @Const Pointer diffDst,
      @Const Pointer weights,
      int exponent,
      FloatPointer diffSrc,
      int threads,
      Pointer scratch);

  public static native int dfp_dwconv_backward_weights(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer diffDst,
      int exponent,
      FloatPointer diffWeights,
      int threads,
      Pointer scratch);

  // Fully connected

  public static native @Cast("int64_t") long dfp_dense_packed_bytes(
      int isa, @Const int[] shape, int role);

  public static native @Cast("int64_t") long dfp_dense_scratch_bytes(
      int isa, @Const int[] shape, int pass, int threads);

  public static native int dfp_dense_pack(
      int isa,
      @Const int[] shape,
      int role,
      @Const FloatPointer x,
      @Cast("const int64_t*") long[] strides,
      int exponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      int threads,
      Pointer packed,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_dense_forward(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer weights,
      int exponent,
      @Const FloatPointer bias,
      FloatPointer dst,
      int threads,
      Pointer scratch);

  public static native int dfp_dense_backward_data(
      int isa,
      @Const int[] shape,
      @Const Pointer diffDst,
      @Const Pointer weights,
      int exponent,
      FloatPointer diffSrc,
      int threads,
      Pointer scratch);

  public static native int dfp_dense_forward_fp32(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      int srcExponent,
      @Const FloatPointer weights,
      @Cast("const int64_t*") long[] strides,
      int weightsExponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      @Const FloatPointer bias,
      FloatPointer dst,
      int threads,
      Pointer scratch,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_dense_backward_data_fp32(
      int isa,
      @Const int[] shape,
      @Const Pointer diffDst,
      int diffDstExponent,
      @Const FloatPointer weights,
      @Cast("const int64_t*") long[] strides,
      int weightsExponent,
      int rounding,
      int headroom,
      @Cast("int64_t") long seed,
      FloatPointer diffSrc,
      int threads,
      Pointer scratch,
      float[] amax,
      @Cast("int64_t*") long[] fingerprint);

  public static native int dfp_dense_backward_weights(
      int isa,
      @Const int[] shape,
      @Const Pointer src,
      @Const Pointer diffDst,
      int exponent,
      FloatPointer diffWeights,
      int threads,
      Pointer scratch);

  // Layers in FP32

  public static native int dfp_channel_sums(
      int isa,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer x,
      int threads,
      float[] sums);

  public static native int dfp_batch_norm_statistics(
      int isa,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer x,
      int threads,
      float[] mean,
      float[] variance);

  public static native int dfp_batch_norm_training(
      int isa,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer x,
      @Const float[] gamma,
      @Const float[] beta,
      double eps,
      int threads,
      FloatPointer y,
      float[] mean,
      float[] variance);

  public static native int dfp_batch_norm_inference(
      int isa,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer x,
      @Const float[] mean,
      @Const float[] variance,
      @Const float[] gamma,
      @Const float[] beta,
      double eps,
      int threads,
      FloatPointer y);

  public static native int dfp_batch_norm_backward(
      int isa,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer x,
      @Const FloatPointer diffDst,
      @Const float[] mean,
      @Const float[] variance,
      @Const float[] batchMean,
      @Const float[] gamma,
      double eps,
      @Const float[] scale,
      @Const float[] offset,
      int kind,
      float parameter,
      int threads,
      FloatPointer diffSrc,
      float[] diffGamma,
      float[] diffBeta,
      float[] amax,
      float[] sums);

  public static native int dfp_deferred_sum(
      int isa,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer a,
      @Const float[] aMean,
      @Const float[] aScale,
      @Const float[] aOffset,
      @Const FloatPointer b,
      @Const float[] bMean,
      @Const float[] bScale,
      @Const float[] bOffset,
      int kind,
      float parameter,
      int threads,
      FloatPointer y);

  public static native int dfp_activation_gradient(
      int isa,
      int kind,
      float parameter,
      @Cast("const int64_t*") long[] shape,
      @Const FloatPointer x,
      @Const FloatPointer diffDst,
      int threads,
      FloatPointer diffSrc,
      float[] amax,
      float[] sums);

  public static native int dfp_activation_forward(
      int isa,
      int kind,
      float parameter,
      @Const FloatPointer x,
      @Cast("int64_t") long count,
      int threads,
      FloatPointer y);

  public static native int dfp_activation_backward(
      int isa,
      int kind,
      float parameter,
      @Const FloatPointer x,
      @Const FloatPointer diffDst,
      @Cast("int64_t") long count,
      int threads,
      FloatPointer diffSrc);

  public static native int dfp_pool_forward(
      int isa,
      int kind,
      @Const int[] shape,
      @Cast("int64_t") long planes,
      @Const FloatPointer src,
      int threads,
      FloatPointer dst);

  public static native int dfp_pool_backward(
      int isa,
      int kind,
      @Const int[] shape,
      @Cast("int64_t") long planes,
      @Const FloatPointer src,
      @Const FloatPointer diffDst,
      int threads,
      FloatPointer diffSrc);

  public static native int dfp_lrn_forward(
      int isa,
      @Cast("const int64_t*") long[] shape,
      int half,
      float k,
      float alpha,
      float slope,
      int quarters,
      @Const FloatPointer x,
      int threads,
      FloatPointer dst);

  public static native int dfp_lrn_backward(
      int isa,
      @Cast("const int64_t*") long[] shape,
      int half,
      float k,
      float alpha,
      float slope,
      int quarters,
      @Const FloatPointer x,
      @Const FloatPointer diffDst,
      int threads,
      FloatPointer diffSrc);

  // Updates of parameters

  public static native int dfp_update_sums(
      int isa, @Const FloatPointer x, @Cast("int64_t") long count, int threads, double[] sums);

  public static native int dfp_update_penalties(
      int isa,
      @Const FloatPointer x,
      @Cast("int64_t") long count,
      int terms,
      @Const int[] kinds,
      @Const float[] coefficients,
      int threads,
      FloatPointer gradient);

  public static native int dfp_update_sgd(
      int isa, float rate, @Cast("int64_t") long count, int threads, FloatPointer gradient);

  public static native int dfp_update_nesterovs(
      int isa,
      float rate,
      float momentum,
      @Cast("int64_t") long count,
      int threads,
      FloatPointer gradient,
      FloatPointer v);

  public static native int dfp_update_rms_prop(
      int isa,
      float rate,
      float decay,
      float epsilon,
      @Cast("int64_t") long count,
      int threads,
      FloatPointer gradient,
      FloatPointer s);

  public static native int dfp_update_adam(
      int isa,
      float rate,
      float beta1,
      float beta2,
      float epsilon,
      @Cast("int64_t") long count,
      int threads,
      FloatPointer gradient,
      FloatPointer m,
      FloatPointer s);
}
