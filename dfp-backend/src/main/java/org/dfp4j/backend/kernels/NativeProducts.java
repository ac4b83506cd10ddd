package org.dfp4j.backend.kernels;

import java.lang.ref.Reference;
import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.memory.MemoryBlock;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The products of one row: of two packed tensors, or with weights that the product quantizes. */
final class NativeProducts {

  private final NativeRow row;
  private final NativeScan scan;

  NativeProducts(NativeRow row) {
    this.row = row;
    this.scan = new NativeScan(row);
  }

  /** As {@link NativeKernels#scratchBytes}. */
  long scratchBytes(LayerShape shape) {
    long most = 0;
    for (Pass pass : Pass.values()) {
      most = Math.max(most, scratchBytes(pass, shape, row.threads()));
    }
    return most;
  }

  private long scratchBytes(Pass pass, LayerShape shape, int threads) {
    return row.supported(
        "scratch", NativeOperation.of(shape).scratchBytes(row.index(), shape, pass, threads));
  }

  /** Multiplies packed tensors; arguments as of {@link AbstractKernels}. */
  void multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      NativePack second,
      float[] bias,
      INDArray out) {
    int threads = row.threads();
    try (MemoryBlock scratch = row.pool().takeScratch(scratchBytes(pass, shape, threads));
        MemoryBlock biasBlock = row.copyOf(bias)) {
      int result =
          NativeOperation.of(shape)
              .multiply(
                  pass,
                  row.index(),
                  NativeOperation.dimensions(shape),
                  first.pointer(),
                  second.pointer(),
                  first.exponent() + second.exponent(),
                  biasBlock == null ? null : new FloatPointer(biasBlock.pointer()),
                  FloatArrays.pointer(out),
                  threads,
                  scratch.pointer());
      row.check(pass.output, result);
    } finally {
      Reference.reachabilityFence(first);
      Reference.reachabilityFence(second);
      Reference.reachabilityFence(out);
    }
  }

  /** Whether products of this shape read weights in FP32, each once. */
  boolean takesFp32Weights(LayerShape shape) {
    return shape instanceof DenseShape
        || (shape instanceof ConvShape conv
            && row.supported(
                    "FP32 weights",
                    DfpNative.dfp_conv_takes_fp32_weights(
                        row.index(), NativeOperation.dimensions(conv)))
                == 1);
  }

  /** Whether products of this shape read these weights: a row of values for each output. */
  boolean takes(LayerShape shape, INDArray weights) {
    return takesFp32Weights(shape)
        && (shape instanceof DenseShape
            ? weights.stride(0) == 1 && weights.stride(1) >= weights.size(0)
            : FloatArrays.isDense(weights, 'c'));
  }

  /**
   * Passes weights that {@link #takes} through the caches, quantizing them by the guess, and once
   * more where that was not the exponent.
   */
  NativePack multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      Fp32Weights weights,
      float[] bias,
      INDArray out) {
    int exponent =
        weights.guess().isPresent()
            ? NativeRow.clampExponent(weights.guess().getAsInt())
            : scanned(weights);
    Pack.Scan found = multiply(pass, shape, first, weights, exponent, bias, out);
    if (found.finite() && weights.quantizer().exponent(found.amax()) != exponent) {
      exponent = weights.quantizer().exponent(found.amax());
      found = multiply(pass, shape, first, weights, exponent, bias, out);
    }
    long slice = weights.fingerprint() ? scan.fingerprintOfSlice(weights.values()) : 0;
    NativePack seen =
        new NativePack(row, shape, TensorRole.WEIGHTS, weights.quantizer(), found, slice, null);
    seen.close();
    return seen;
  }

  /** The exponent by a pass over the weights; any where they are not finite. */
  private int scanned(Fp32Weights weights) {
    Pack.Scan found = scan.of(weights.values(), false);
    return found.finite() ? weights.quantizer().exponent(found.amax()) : 0;
  }

  /** A product by an exponent; worthless where that is not the one of the amax found. */
  private Pack.Scan multiply(
      Pass pass,
      LayerShape shape,
      NativePack first,
      Fp32Weights weights,
      int exponent,
      float[] bias,
      INDArray out) {
    int threads = row.threads();
    float[] amax = new float[1];
    long[] fingerprint = weights.fingerprint() ? new long[1] : null;
    Quantizer quantizer = weights.quantizer();
    try (MemoryBlock scratch = row.pool().takeScratch(scratchBytes(pass, shape, threads));
        MemoryBlock biasBlock = row.copyOf(bias)) {
      int result =
          NativeOperation.of(shape)
              .multiplyFp32(
                  pass,
                  row.index(),
                  NativeOperation.dimensions(shape),
                  first.pointer(),
                  first.exponent(),
                  FloatArrays.pointer(weights.values()),
                  weights.values().stride(),
                  exponent,
                  NativeRow.code(quantizer.rounding()),
                  quantizer.headroom(),
                  quantizer.seed(),
                  biasBlock == null ? null : new FloatPointer(biasBlock.pointer()),
                  FloatArrays.pointer(out),
                  threads,
                  scratch.pointer(),
                  amax,
                  fingerprint);
      row.check(pass.output, result);
    } finally {
      Reference.reachabilityFence(first);
      Reference.reachabilityFence(weights);
      Reference.reachabilityFence(out);
    }
    return new Pack.Scan(
        amax[0], Float.isFinite(amax[0]), fingerprint == null ? 0 : fingerprint[0]);
  }
}
