package org.dfp4j.layers.impl;

import java.util.OptionalInt;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Broadcast;

/**
 * The dimensions of a layer's three products, and which of the kernels' products each of them is.
 * Equal ones take the same packed weights.
 */
sealed interface Geometry {

  /** Dimensions of {@code src}, channels second. */
  long[] srcShape();

  /** Dimensions of {@code dst}, channels second. */
  long[] dstShape();

  /** Quantizes and packs the tensor that plays the given role in the layer. */
  PackedTensor pack(
      Kernels kernels, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess);

  /** As {@code pack} of the input, which nobody has written. */
  PackedTensor pack(Kernels kernels, DeferredTensor src, Quantizer quantizer, OptionalInt guess);

  /** Whether the products are to take the weights in FP32. */
  boolean takesFp32Weights(Kernels kernels);

  /** {@code dst = src ⊛ weights (+ bias)}. */
  void forward(
      Kernels kernels, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst);

  /** The same with weights in FP32. */
  Quantized forward(
      Kernels kernels, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst);

  /** {@code diffSrc = diffDst ⊛ weightsᵀ}. */
  void backwardData(Kernels kernels, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc);

  /** The same with weights in FP32. */
  Quantized backwardData(
      Kernels kernels, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc);

  /** {@code diffWeights = src ⊛ diffDst}. */
  void backwardWeights(
      Kernels kernels, PackedTensor src, PackedTensor diffDst, INDArray diffWeights);

  /** Each product is the kernels' product of the same name. */
  record Direct(LayerShape shape) implements Geometry {

    @Override
    public long[] srcShape() {
      return shape.srcShape();
    }

    @Override
    public long[] dstShape() {
      return shape.dstShape();
    }

    @Override
    public PackedTensor pack(
        Kernels kernels, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
      return kernels.pack(shape, role, x, quantizer, guess);
    }

    @Override
    public PackedTensor pack(
        Kernels kernels, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
      return kernels.pack(shape, src, quantizer, guess);
    }

    @Override
    public boolean takesFp32Weights(Kernels kernels) {
      return kernels.takesFp32Weights(shape);
    }

    @Override
    public Quantized forward(
        Kernels kernels, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst) {
      return kernels.forward(shape, src, weights, bias, dst);
    }

    @Override
    public Quantized backwardData(
        Kernels kernels, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc) {
      return kernels.backwardData(shape, diffDst, weights, diffSrc);
    }

    @Override
    public void forward(
        Kernels kernels, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
      kernels.forward(shape, src, weights, bias, dst);
    }

    @Override
    public void backwardData(
        Kernels kernels, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
      kernels.backwardData(shape, diffDst, weights, diffSrc);
    }

    @Override
    public void backwardWeights(
        Kernels kernels, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
      kernels.backwardWeights(shape, src, diffDst, diffWeights);
    }
  }

  /**
   * A transposed convolution: forward is backward data of the convolution of the given shape and
   * the other way round, its src the convolution's diffDst, its diffDst the convolution's src.
   */
  record Transposed(ConvShape shape) implements Geometry {

    @Override
    public long[] srcShape() {
      return shape.dstShape();
    }

    @Override
    public long[] dstShape() {
      return shape.srcShape();
    }

    @Override
    public PackedTensor pack(
        Kernels kernels, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
      TensorRole other =
          switch (role) {
            case SRC -> TensorRole.DIFF_DST;
            case WEIGHTS -> TensorRole.WEIGHTS;
            case DIFF_DST -> TensorRole.SRC;
          };
      return kernels.pack(shape, other, x, quantizer, guess);
    }

    @Override
    public PackedTensor pack(
        Kernels kernels, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
      try (INDArray values = src.computed()) {
        return pack(kernels, TensorRole.SRC, values, quantizer, guess);
      }
    }

    @Override
    public boolean takesFp32Weights(Kernels kernels) {
      return kernels.takesFp32Weights(shape);
    }

    @Override
    public void forward(
        Kernels kernels, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
      kernels.backwardData(shape, src, weights, dst);
      addBias(bias, dst);
    }

    @Override
    public Quantized forward(
        Kernels kernels, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst) {
      Quantized seen = kernels.backwardData(shape, src, weights, dst);
      addBias(bias, dst);
      return seen;
    }

    private static void addBias(INDArray bias, INDArray dst) {
      if (bias != null) {
        Broadcast.add(dst, bias.reshape(bias.length()), dst, 1);
      }
    }

    @Override
    public Quantized backwardData(
        Kernels kernels, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc) {
      return kernels.forward(shape, diffDst, weights, null, diffSrc);
    }

    @Override
    public void backwardData(
        Kernels kernels, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
      kernels.forward(shape, diffDst, weights, null, diffSrc);
    }

    @Override
    public void backwardWeights(
        Kernels kernels, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
      kernels.backwardWeights(shape, diffDst, src, diffWeights);
    }
  }
}
