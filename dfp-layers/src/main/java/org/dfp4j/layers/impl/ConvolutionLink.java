package org.dfp4j.layers.impl;

import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * One convolution of the chain that a layer is: its operands, its three products and the time that
 * they take. Arrays are in the kernels' order of dimensions.
 */
final class ConvolutionLink {

  private final ConvolutionKind.Step step;
  private final Operands operands;
  private final ProductTimes times;
  private Kernels kernels;

  /** What the input's values stand for, until the backward pass. */
  private Pointwise inputFunction = Pointwise.IDENTITY;

  ConvolutionLink(ConvolutionKind.Step step, Operands operands, Kernels kernels) {
    this.step = step;
    this.operands = operands;
    this.kernels = kernels;
    times = new ProductTimes(operands::sampled);
  }

  void useKernels(Kernels kernels) {
    this.kernels = kernels;
  }

  void readInputAs(Pointwise function) {
    inputFunction = function;
  }

  ConvolutionKind.Step step() {
    return step;
  }

  Operands operands() {
    return operands;
  }

  ProductTimes times() {
    return times;
  }

  /** The input; its values are written out where they are sampled. */
  INDArray sampledSrc(INDArray x) {
    if (inputFunction.equals(Pointwise.IDENTITY) || !operands.sampled()) {
      return x;
    }
    INDArray values = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', x.shape());
    Fp32KernelProvider.kernels().write(new DeferredTensor(x, inputFunction), values);
    inputFunction = Pointwise.IDENTITY;
    return values;
  }

  /** Packs the input and keeps it. */
  PackedTensor packSrc(Geometry geometry, INDArray x) {
    return operands.packSrc(packer(geometry), x);
  }

  /** Packs the gradient by the output; the caller closes it. */
  PackedTensor packDiffDst(Geometry geometry, KnownGradient delta) {
    return operands.packDiffDst(packer(geometry), delta.array(), delta.amax());
  }

  /** The forward product; whether its weights are finite. */
  boolean forward(
      Geometry geometry, PackedTensor src, INDArray weights, INDArray bias, INDArray dst) {
    return withWeights(
        Pass.FORWARD,
        geometry,
        weights,
        () -> packedWeights(geometry, weights),
        packed -> geometry.forward(kernels, src, packed, bias, dst),
        values -> geometry.forward(kernels, src, values, bias, dst));
  }

  /**
   * The gradient by the input.
   *
   * @param ofForward whether the weights are those of the last forward product
   */
  void backwardData(
      Geometry geometry,
      PackedTensor diffDst,
      INDArray weights,
      boolean ofForward,
      INDArray diffSrc) {
    withWeights(
        Pass.BACKWARD_DATA,
        geometry,
        weights,
        () -> {
          PackedTensor kept = ofForward ? operands.weightsOfForward(geometry) : null;
          return kept == null ? packedWeights(geometry, weights) : kept;
        },
        packed -> geometry.backwardData(kernels, diffDst, packed, diffSrc),
        values -> geometry.backwardData(kernels, diffDst, values, diffSrc));
  }

  /** The gradient by the weights. */
  void backwardWeights(
      Geometry geometry, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
    times.time(
        Pass.BACKWARD_WEIGHTS,
        kernels,
        () -> geometry.backwardWeights(kernels, src, diffDst, step.view(diffWeights)));
  }

  /** Forgets the input. */
  void release() {
    operands.releaseSrc();
    inputFunction = Pointwise.IDENTITY;
  }

  /**
   * Runs a product with packed weights, or where they serve too few products to be packed, with
   * those in FP32; whether they are finite.
   */
  private boolean withWeights(
      Pass pass,
      Geometry geometry,
      INDArray weights,
      Supplier<PackedTensor> packedWeights,
      Consumer<PackedTensor> product,
      Function<Fp32Weights, Quantized> fp32Product) {
    if (geometry.takesFp32Weights(kernels)) {
      Function<Fp32Weights, Quantized> timed =
          values -> {
            Quantized[] seen = new Quantized[1];
            times.time(pass, kernels, () -> seen[0] = fp32Product.apply(values));
            return seen[0];
          };
      return operands.weightsInProduct(geometry, weights, false, timed).finite();
    }
    PackedTensor packed = packedWeights.get();
    times.time(pass, kernels, () -> product.accept(packed));
    return packed.finite();
  }

  private PackedTensor packedWeights(Geometry geometry, INDArray weights) {
    return operands.weights(geometry, packer(geometry), weights);
  }

  private Operands.Packer packer(Geometry geometry) {
    return (role, x, quantizer, guess) ->
        role == TensorRole.SRC && !inputFunction.equals(Pointwise.IDENTITY)
            ? geometry.pack(kernels, new DeferredTensor(x, inputFunction), quantizer, guess)
            : geometry.pack(kernels, role, x, quantizer, guess);
  }
}
