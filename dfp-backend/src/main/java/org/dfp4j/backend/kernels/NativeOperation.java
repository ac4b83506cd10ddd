package org.dfp4j.backend.kernels;

import java.util.Arrays;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.presets.DfpNative;

/**
 * The functions of {@code dfp.h} for one kind of layer; every kind has the same six, and some have
 * products with weights in FP32.
 *
 * @param packedSize {@code dfp_*_packed_bytes}
 * @param scratchSize {@code dfp_*_scratch_bytes}
 * @param pack {@code dfp_*_pack}
 * @param forward {@code dfp_*_forward}
 * @param backwardData {@code dfp_*_backward_data}
 * @param backwardWeights {@code dfp_*_backward_weights}
 * @param forwardFp32 {@code dfp_*_forward_fp32}, or null
 * @param backwardDataFp32 {@code dfp_*_backward_data_fp32}, or null
 */
record NativeOperation(
    PackedSize packedSize,
    ScratchSize scratchSize,
    PackCall pack,
    ForwardCall forward,
    BackwardCall backwardData,
    BackwardCall backwardWeights,
    ForwardFp32Call forwardFp32,
    BackwardDataFp32Call backwardDataFp32) {

  private static final NativeOperation CONV =
      new NativeOperation(
          DfpNative::dfp_conv_packed_bytes,
          DfpNative::dfp_conv_scratch_bytes,
          DfpNative::dfp_conv_pack,
          DfpNative::dfp_conv_forward,
          DfpNative::dfp_conv_backward_data,
          DfpNative::dfp_conv_backward_weights,
          DfpNative::dfp_conv_forward_fp32,
          DfpNative::dfp_conv_backward_data_fp32);

  private static final NativeOperation CONV3D =
      new NativeOperation(
          DfpNative::dfp_conv3d_packed_bytes,
          DfpNative::dfp_conv3d_scratch_bytes,
          DfpNative::dfp_conv3d_pack,
          DfpNative::dfp_conv3d_forward,
          DfpNative::dfp_conv3d_backward_data,
          DfpNative::dfp_conv3d_backward_weights,
          null,
          null);

  private static final NativeOperation DWCONV =
      new NativeOperation(
          DfpNative::dfp_dwconv_packed_bytes,
          DfpNative::dfp_dwconv_scratch_bytes,
          DfpNative::dfp_dwconv_pack,
          DfpNative::dfp_dwconv_forward,
          DfpNative::dfp_dwconv_backward_data,
          DfpNative::dfp_dwconv_backward_weights,
          null,
          null);

  private static final NativeOperation DENSE =
      new NativeOperation(
          DfpNative::dfp_dense_packed_bytes,
          DfpNative::dfp_dense_scratch_bytes,
          DfpNative::dfp_dense_pack,
          DfpNative::dfp_dense_forward,
          DfpNative::dfp_dense_backward_data,
          DfpNative::dfp_dense_backward_weights,
          DfpNative::dfp_dense_forward_fp32,
          DfpNative::dfp_dense_backward_data_fp32);

  /** Bytes of a packed tensor. */
  interface PackedSize {
    long call(int isa, int[] shape, int role);
  }

  /** Bytes of the scratch of a pass. */
  interface ScratchSize {
    long call(int isa, int[] shape, int pass, int threads);
  }

  /** Quantizes and packs a tensor. */
  interface PackCall {
    int call(
        int isa,
        int[] shape,
        int role,
        FloatPointer x,
        long[] strides,
        int exponent,
        int rounding,
        int headroom,
        long seed,
        int threads,
        Pointer packed,
        float[] amax,
        long[] fingerprint);
  }

  /** The forward product. */
  interface ForwardCall {
    int call(
        int isa,
        int[] shape,
        Pointer src,
        Pointer weights,
        int exponent,
        FloatPointer bias,
        FloatPointer dst,
        int threads,
        Pointer scratch);
  }

  /** One of the backward products. */
  interface BackwardCall {
    int call(
        int isa,
        int[] shape,
        Pointer first,
        Pointer second,
        int exponent,
        FloatPointer out,
        int threads,
        Pointer scratch);
  }

  /** The forward product with weights in FP32. */
  interface ForwardFp32Call {
    int call(
        int isa,
        int[] shape,
        Pointer src,
        int srcExponent,
        FloatPointer weights,
        long[] strides,
        int weightsExponent,
        int rounding,
        int headroom,
        long seed,
        FloatPointer bias,
        FloatPointer dst,
        int threads,
        Pointer scratch,
        float[] amax,
        long[] fingerprint);
  }

  /** Backward data with weights in FP32. */
  interface BackwardDataFp32Call {
    int call(
        int isa,
        int[] shape,
        Pointer diffDst,
        int diffDstExponent,
        FloatPointer weights,
        long[] strides,
        int weightsExponent,
        int rounding,
        int headroom,
        long seed,
        FloatPointer diffSrc,
        int threads,
        Pointer scratch,
        float[] amax,
        long[] fingerprint);
  }

  /** The functions for layers of this kind of shape. */
  static NativeOperation of(LayerShape shape) {
    if (shape instanceof ConvShape) {
      return CONV;
    }
    if (shape instanceof Conv3dShape) {
      return CONV3D;
    }
    return shape instanceof DepthwiseShape ? DWCONV : DENSE;
  }

  long packedBytes(int row, LayerShape shape, TensorRole role) {
    return packedSize.call(row, dimensions(shape), code(role));
  }

  long scratchBytes(int row, LayerShape shape, Pass pass, int threads) {
    return scratchSize.call(row, dimensions(shape), code(pass), threads);
  }

  /** Runs one product; {@code bias} is of the forward one. */
  int multiply(
      Pass pass,
      int row,
      int[] shape,
      Pointer first,
      Pointer second,
      int exponent,
      FloatPointer bias,
      FloatPointer out,
      int threads,
      Pointer scratch) {
    return switch (pass) {
      case FORWARD ->
          forward.call(row, shape, first, second, exponent, bias, out, threads, scratch);
      case BACKWARD_DATA ->
          backwardData.call(row, shape, first, second, exponent, out, threads, scratch);
      case BACKWARD_WEIGHTS ->
          backwardWeights.call(row, shape, first, second, exponent, out, threads, scratch);
    };
  }

  /** Runs a product with weights in FP32; {@code bias} is of the forward one. */
  int multiplyFp32(
      Pass pass,
      int row,
      int[] shape,
      Pointer first,
      int firstExponent,
      FloatPointer weights,
      long[] strides,
      int weightsExponent,
      int rounding,
      int headroom,
      long seed,
      FloatPointer bias,
      FloatPointer out,
      int threads,
      Pointer scratch,
      float[] amax,
      long[] fingerprint) {
    return pass == Pass.FORWARD
        ? forwardFp32.call(
            row,
            shape,
            first,
            firstExponent,
            weights,
            strides,
            weightsExponent,
            rounding,
            headroom,
            seed,
            bias,
            out,
            threads,
            scratch,
            amax,
            fingerprint)
        : backwardDataFp32.call(
            row,
            shape,
            first,
            firstExponent,
            weights,
            strides,
            weightsExponent,
            rounding,
            headroom,
            seed,
            out,
            threads,
            scratch,
            amax,
            fingerprint);
  }

  /** As {@code dfp.h} orders them. */
  static int[] dimensions(LayerShape shape) {
    if (shape instanceof ConvShape s) {
      return new int[] {
        s.mb(), s.ic(), s.ih(), s.iw(), s.oc(), s.oh(), s.ow(), s.kh(), s.kw(), s.sh(), s.sw(),
        s.ph(), s.pw(), s.dh(), s.dw()
      };
    }
    if (shape instanceof Conv3dShape s) {
      int[] plane = dimensions(s.plane());
      int[] depth = {s.id(), s.od(), s.kd(), s.sd(), s.pd(), s.dd()};
      int[] all = Arrays.copyOf(plane, plane.length + depth.length);
      System.arraycopy(depth, 0, all, plane.length, depth.length);
      return all;
    }
    if (shape instanceof DepthwiseShape s) {
      return new int[] {
        s.mb(),
        s.ic(),
        s.ih(),
        s.iw(),
        s.multiplier(),
        s.oh(),
        s.ow(),
        s.kh(),
        s.kw(),
        s.sh(),
        s.sw(),
        s.ph(),
        s.pw(),
        s.dh(),
        s.dw()
      };
    }
    DenseShape s = (DenseShape) shape;
    return new int[] {s.mb(), s.ic(), s.oc()};
  }

  static int code(TensorRole role) {
    return switch (role) {
      case SRC -> 0;
      case WEIGHTS -> 1;
      case DIFF_DST -> 2;
    };
  }

  private static int code(Pass pass) {
    return switch (pass) {
      case FORWARD -> 0;
      case BACKWARD_DATA -> 1;
      case BACKWARD_WEIGHTS -> 2;
    };
  }
}
