package org.dfp4j.examples.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** One pass of a layer in DFP-16, from FP32 tensors to an FP32 tensor. */
final class DfpProduct {

  private final Kernels kernels;
  private final Direction direction;
  private final Operands operands;
  private final INDArray out;
  private final Map<TensorRole, OptionalInt> exponents = new EnumMap<>(TensorRole.class);

  DfpProduct(Kernels kernels, Direction direction, Operands operands, INDArray out) {
    this.kernels = kernels;
    this.direction = direction;
    this.operands = operands;
    this.out = out;
  }

  /**
   * Nanoseconds of one run.
   *
   * @param pack quantization of {@code src} and {@code diffDst}, as far as the pass reads them
   * @param weightPack scan and quantization of {@code weights}; 0 where the product does it
   * @param kernel the product, with its FP32 output
   */
  record Times(long pack, long weightPack, long kernel) {
    long total() {
      return pack + weightPack + kernel;
    }
  }

  /** Packs what the pass reads, multiplies, and gives the packed tensors back. */
  Times run() {
    if (direction == Direction.BACKWARD_WEIGHTS) {
      return runWithoutWeights();
    }
    if (kernels.takesFp32Weights(operands.shape())) {
      return runWithFp32Weights(operands.shape());
    }
    long start = System.nanoTime();
    try (PackedTensor data = pack(direction.operands().get(0))) {
      long packed = System.nanoTime();
      try (PackedTensor weights = packWeights()) {
        long weightsPacked = System.nanoTime();
        multiply(data, weights);
        return new Times(packed - start, weightsPacked - packed, System.nanoTime() - weightsPacked);
      }
    }
  }

  private Times runWithFp32Weights(LayerShape shape) {
    TensorRole role = TensorRole.WEIGHTS;
    long start = System.nanoTime();
    try (PackedTensor data = pack(direction.operands().get(0))) {
      long packed = System.nanoTime();
      Fp32Weights weights =
          new Fp32Weights(
              operands.of(role),
              Quantizer.DEFAULT,
              exponents.getOrDefault(role, OptionalInt.empty()),
              false);
      Quantized seen =
          direction == Direction.FORWARD
              ? kernels.forward(shape, data, weights, null, out)
              : kernels.backwardData(shape, data, weights, out);
      exponents.put(role, OptionalInt.of(seen.exponent()));
      return new Times(packed - start, 0, System.nanoTime() - packed);
    }
  }

  private Times runWithoutWeights() {
    long start = System.nanoTime();
    try (PackedTensor src = pack(TensorRole.SRC);
        PackedTensor diffDst = pack(TensorRole.DIFF_DST)) {
      long packed = System.nanoTime();
      multiply(src, diffDst);
      return new Times(packed - start, 0, System.nanoTime() - packed);
    }
  }

  /** As {@link #run}, with weights that are packed already and stay so. */
  Times runWith(PackedTensor weights) {
    long start = System.nanoTime();
    try (PackedTensor data = pack(direction.operands().get(0))) {
      long packed = System.nanoTime();
      multiply(data, weights);
      return new Times(packed - start, 0, System.nanoTime() - packed);
    }
  }

  PackedTensor packWeights() {
    return pack(TensorRole.WEIGHTS);
  }

  /** Nanoseconds of the question whether the weights are still those that were packed. */
  long recognize(PackedTensor weights) {
    long start = System.nanoTime();
    boolean unchanged = weights.isPackOf(operands.of(TensorRole.WEIGHTS));
    long nanos = System.nanoTime() - start;
    if (!unchanged) {
      throw new IllegalStateException("weights: expected those that were packed, got others");
    }
    return nanos;
  }

  /** Packs with the exponent of the run before as the guess, as in training. */
  private PackedTensor pack(TensorRole role) {
    PackedTensor packed = pack(role, exponents.getOrDefault(role, OptionalInt.empty()));
    exponents.put(role, OptionalInt.of(packed.exponent()));
    return packed;
  }

  private PackedTensor pack(TensorRole role, OptionalInt guess) {
    LayerShape shape = operands.shape();
    INDArray x = operands.of(role);
    return shape instanceof ConvShape conv
        ? kernels.pack(conv, role, x, Quantizer.DEFAULT, guess)
        : kernels.pack((DenseShape) shape, role, x, Quantizer.DEFAULT, guess);
  }

  /** Nanoseconds of packing {@code src} and {@code diffDst} where the exponent is not known. */
  long packWithoutGuess() {
    long nanos = 0;
    for (TensorRole role : direction.operands()) {
      if (role != TensorRole.WEIGHTS) {
        long start = System.nanoTime();
        pack(role, OptionalInt.empty()).close();
        nanos += System.nanoTime() - start;
      }
    }
    return nanos;
  }

  private void multiply(PackedTensor first, PackedTensor second) {
    if (operands.shape() instanceof ConvShape shape) {
      switch (direction) {
        case FORWARD -> kernels.forward(shape, first, second, null, out);
        case BACKWARD_DATA -> kernels.backwardData(shape, first, second, out);
        case BACKWARD_WEIGHTS -> kernels.backwardWeights(shape, first, second, out);
      }
    } else {
      DenseShape shape = (DenseShape) operands.shape();
      switch (direction) {
        case FORWARD -> kernels.forward(shape, first, second, null, out);
        case BACKWARD_DATA -> kernels.backwardData(shape, first, second, out);
        case BACKWARD_WEIGHTS -> kernels.backwardWeights(shape, first, second, out);
      }
    }
  }
}
