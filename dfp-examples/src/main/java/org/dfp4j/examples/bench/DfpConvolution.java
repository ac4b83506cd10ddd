package org.dfp4j.examples.bench;

import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One pass of a convolution in DFP-16, from FP32 tensors to an FP32 tensor. */
final class DfpConvolution {

  private final Kernels kernels;
  private final Direction direction;
  private final Operands operands;
  private final INDArray out;

  DfpConvolution(Kernels kernels, Direction direction, Operands operands, INDArray out) {
    this.kernels = kernels;
    this.direction = direction;
    this.operands = operands;
    this.out = out;
  }

  /**
   * Nanoseconds of one run.
   *
   * @param pack scan and quantization of {@code src} and {@code diffDst}, as far as the pass reads
   *     them
   * @param weightPack the same of {@code weights}
   * @param kernel the product, with its FP32 output
   */
  record Times(long pack, long weightPack, long kernel) {
    long total() {
      return pack + weightPack + kernel;
    }
  }

  /** Packs what the pass reads, multiplies, and gives the packed tensors back. */
  Times run() {
    return switch (direction) {
      case FORWARD -> withWeights(TensorRole.SRC);
      case BACKWARD_DATA -> withWeights(TensorRole.DIFF_DST);
      case BACKWARD_WEIGHTS -> withoutWeights();
    };
  }

  private Times withWeights(TensorRole role) {
    ConvShape shape = operands.shape();
    long start = System.nanoTime();
    try (PackedTensor data = pack(role)) {
      long packed = System.nanoTime();
      try (PackedTensor weights = pack(TensorRole.WEIGHTS)) {
        long weightsPacked = System.nanoTime();
        if (direction == Direction.FORWARD) {
          kernels.forward(shape, data, weights, null, out);
        } else {
          kernels.backwardData(shape, data, weights, out);
        }
        return new Times(packed - start, weightsPacked - packed, System.nanoTime() - weightsPacked);
      }
    }
  }

  private Times withoutWeights() {
    long start = System.nanoTime();
    try (PackedTensor src = pack(TensorRole.SRC);
        PackedTensor diffDst = pack(TensorRole.DIFF_DST)) {
      long packed = System.nanoTime();
      kernels.backwardWeights(operands.shape(), src, diffDst, out);
      return new Times(packed - start, 0, System.nanoTime() - packed);
    }
  }

  private PackedTensor pack(TensorRole role) {
    return kernels.pack(operands.shape(), role, operands.of(role), Quantizer.DEFAULT);
  }

  /**
   * Nanoseconds of the scans for amax alone that {@link Times#pack} contains.
   *
   * @param row of the native kernel table
   * @param threads of the scan
   */
  long scan(int row, int threads) {
    return switch (direction) {
      case FORWARD -> scan(TensorRole.SRC, row, threads);
      case BACKWARD_DATA -> scan(TensorRole.DIFF_DST, row, threads);
      case BACKWARD_WEIGHTS ->
          scan(TensorRole.SRC, row, threads) + scan(TensorRole.DIFF_DST, row, threads);
    };
  }

  private long scan(TensorRole role, int row, int threads) {
    INDArray x = operands.of(role);
    float[] amax = new float[1];
    int[] finite = new int[1];
    long start = System.nanoTime();
    int code =
        DfpNative.dfp_scan(
            row,
            Operands.pointer(x),
            x.rank(),
            x.shape(),
            x.stride(),
            threads,
            amax,
            finite,
            (long[]) null);
    long nanos = System.nanoTime() - start;
    if (code != 0 || finite[0] != 1) {
      throw new IllegalStateException(
          "scan: expected finite values, got code " + code + ": " + DfpNative.dfp_last_error());
    }
    return nanos;
  }

  /** The output of the last run. */
  INDArray out() {
    return out;
  }
}
