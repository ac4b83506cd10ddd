package org.dfp4j.backend.kernels;

import java.lang.ref.Reference;
import java.util.OptionalInt;
import org.bytedeco.javacpp.FloatPointer;
import org.dfp4j.backend.memory.MemoryBlock;
import org.dfp4j.backend.pointwise.ChannelAffine;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.presets.NativeRectifiers;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Quantizes tensors into the layout of one row: once where the exponent is known or guessed. */
final class NativePacker {

  /** Where there is no guess. */
  private static final int ANY_EXPONENT = 0;

  private final NativeRow row;
  private final NativeScan scan;

  NativePacker(NativeRow row) {
    this.row = row;
    this.scan = new NativeScan(row);
  }

  NativePack pack(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    boolean ofWeights = role == TensorRole.WEIGHTS;
    Packing packing =
        (exponent, withFingerprint, memory) ->
            pack(shape, role, x, quantizer, exponent, withFingerprint, memory);
    long slice = ofWeights ? scan.fingerprintOfSlice(x) : 0;
    if (guess.isPresent()) {
      return packByGuess(shape, role, packing, quantizer, guess.getAsInt(), slice);
    }
    Pack.Scan found = scan.of(x, ofWeights);
    MemoryBlock memory = null;
    if (found.finite()) {
      memory = takePacked(shape, role);
      packing.pack(quantizer.exponent(found.amax()), false, memory);
    }
    return new NativePack(row, shape, role, quantizer, found, slice, memory);
  }

  /** Packs the values of {@code src}, which are computed on the way. */
  NativePack packDeferred(
      ConvShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    Packing packing =
        (exponent, withFingerprint, memory) ->
            packDeferred(shape, src, quantizer, exponent, memory);
    return packByGuess(shape, TensorRole.SRC, packing, quantizer, guess.orElse(ANY_EXPONENT), 0);
  }

  /** Packs with an exponent and returns what the values are; closes the memory where it fails. */
  @FunctionalInterface
  private interface Packing {
    Pack.Scan pack(int exponent, boolean withFingerprint, MemoryBlock memory);
  }

  /** Quantizes by the guess and, where that was not the exponent, once more. */
  private NativePack packByGuess(
      LayerShape shape,
      TensorRole role,
      Packing packing,
      Quantizer quantizer,
      int guess,
      long fingerprintOfSlice) {
    int first = NativeRow.clampExponent(guess);
    MemoryBlock memory = takePacked(shape, role);
    Pack.Scan found = packing.pack(first, role == TensorRole.WEIGHTS, memory);
    if (!found.finite()) {
      memory.close();
      memory = null;
    } else if (quantizer.exponent(found.amax()) != first) {
      packing.pack(quantizer.exponent(found.amax()), false, memory);
    }
    return new NativePack(row, shape, role, quantizer, found, fingerprintOfSlice, memory);
  }

  private MemoryBlock takePacked(LayerShape shape, TensorRole role) {
    long bytes = NativeOperation.of(shape).packedBytes(row.index(), shape, role);
    return row.pool().take(row.supported("packed " + role.argument(), bytes));
  }

  /**
   * @param withFingerprint only of weights
   */
  private Pack.Scan pack(
      LayerShape shape,
      TensorRole role,
      INDArray x,
      Quantizer quantizer,
      int exponent,
      boolean withFingerprint,
      MemoryBlock memory) {
    FloatPointer values = FloatArrays.pointer(x);
    float[] amax = new float[1];
    long[] fingerprint = withFingerprint ? new long[1] : null;
    try {
      int result =
          NativeOperation.of(shape)
              .pack()
              .call(
                  row.index(),
                  NativeOperation.dimensions(shape),
                  NativeOperation.code(role),
                  values,
                  x.stride(),
                  exponent,
                  NativeRow.code(quantizer.rounding()),
                  quantizer.headroom(),
                  quantizer.seed(),
                  row.threads(),
                  memory.pointer(),
                  amax,
                  fingerprint);
      row.check("pack", result);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    } finally {
      Reference.reachabilityFence(x);
    }
    return new Pack.Scan(amax[0], Float.isFinite(amax[0]), withFingerprint ? fingerprint[0] : 0);
  }

  private Pack.Scan packDeferred(
      ConvShape shape, DeferredTensor src, Quantizer quantizer, int exponent, MemoryBlock memory) {
    ChannelAffine affine = src.function().affine();
    Rectifier f = src.function().f();
    float[] amax = new float[1];
    try {
      int result =
          DfpNative.dfp_conv_pack_deferred(
              row.index(),
              NativeOperation.dimensions(shape),
              FloatArrays.pointer(src.x()),
              affine == null ? null : affine.mean(),
              affine == null ? null : affine.scale(),
              affine == null ? null : affine.offset(),
              NativeRectifiers.kind(f),
              NativeRectifiers.parameter(f),
              exponent,
              NativeRow.code(quantizer.rounding()),
              quantizer.headroom(),
              quantizer.seed(),
              row.threads(),
              memory.pointer(),
              amax);
      row.check("pack", result);
    } catch (RuntimeException e) {
      memory.close();
      throw e;
    } finally {
      Reference.reachabilityFence(src);
    }
    return new Pack.Scan(amax[0], Float.isFinite(amax[0]), 0);
  }
}
