package org.dfp4j.backend.ops;

import java.util.Objects;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.TensorRole;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2D;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.indexing.INDArrayIndex;
import org.nd4j.linalg.indexing.NDArrayIndex;

/**
 * The three products of a 2-D convolution over arrays in ND4J's formats: what {@code conv2d} and
 * {@code conv2d_bp} compute, in DFP-16.
 *
 * <p>Arrays are FP32, of any order, views included; outputs are written. A batch of 0 is allowed.
 * Errors are {@link IllegalArgumentException}s that name the argument. Safe for several threads.
 *
 * @param spec the settings
 * @param precision which products run in DFP-16, and how
 */
public record ArrayConvolution(ConvolutionSpec spec, OpPrecision precision) {

  private static final String SITE = "conv2d";

  public ArrayConvolution {
    Objects.requireNonNull(spec, "spec: expected settings, got null");
    Objects.requireNonNull(precision, "precision: expected one, got null");
  }

  /**
   * {@code output = input ⊛ weights (+ bias)}.
   *
   * @param bias one value an output channel, in any shape; null for none
   * @param output of shape {@link ConvolutionSpec#outputShape}, written
   */
  public void forward(INDArray input, INDArray weights, INDArray bias, INDArray output) {
    check(input, weights);
    if (input.isEmpty()) {
      return;
    }
    ConvShape shape = spec.shape(input.shape(), weights.shape());
    if (!precision.forward()) {
      fp32Forward(input, weights, bias, output);
      return;
    }
    Kernels kernels = KernelProvider.kernels();
    try (PackedTensor src = pack(kernels, shape, TensorRole.SRC, src(shape, input));
        PackedTensor w = pack(kernels, shape, TensorRole.WEIGHTS, weights(weights))) {
      kernels.forward(shape, src, w, bias, activation(output));
    }
  }

  /**
   * The gradients, each of the shape of its tensor.
   *
   * @param diffDst gradient by the output
   * @param diffInput written; null where it is not wanted
   * @param diffWeights written; null where it is not wanted
   * @param diffBias {@code Σ_{n,y,x} diffDst}, written; null where it is not wanted
   */
  public void backward(
      INDArray input,
      INDArray weights,
      INDArray diffDst,
      INDArray diffInput,
      INDArray diffWeights,
      INDArray diffBias) {
    check(input, weights);
    Arguments.checkFloat("diffDst", diffDst);
    if (input.isEmpty()) {
      Arguments.zero(diffWeights);
      Arguments.zero(diffBias);
      return;
    }
    if (diffBias != null) {
      Arguments.checkFloat("diffBias", diffBias);
      FloatArrays.write(diffBias, Fp32KernelProvider.kernels().channelSums(activation(diffDst)));
    }
    boolean data = diffInput != null && precision.backwardData();
    boolean filters = diffWeights != null && precision.backwardWeights();
    INDArray fp32Input = data ? null : diffInput;
    INDArray fp32Weights = filters ? null : diffWeights;
    if (fp32Input != null || fp32Weights != null) {
      fp32Backward(input, weights, diffDst, fp32Input, fp32Weights);
    }
    if (data || filters) {
      backward(input, weights, diffDst, data ? diffInput : null, filters ? diffWeights : null);
    }
  }

  private void backward(
      INDArray input,
      INDArray weights,
      INDArray diffDst,
      INDArray diffInput,
      INDArray diffWeights) {
    ConvShape shape = spec.shape(input.shape(), weights.shape());
    Kernels kernels = KernelProvider.kernels();
    try (PackedTensor diff = pack(kernels, shape, TensorRole.DIFF_DST, activation(diffDst))) {
      if (diffWeights != null) {
        try (PackedTensor src = pack(kernels, shape, TensorRole.SRC, src(shape, input))) {
          kernels.backwardWeights(shape, src, diff, weights(diffWeights));
        }
      }
      if (diffInput != null) {
        INDArray read = src(shape, diffInput);
        if (read.length() != diffInput.length()) {
          diffInput.assign(0);
        }
        try (PackedTensor w = pack(kernels, shape, TensorRole.WEIGHTS, weights(weights))) {
          kernels.backwardData(shape, diff, w, read);
        }
      }
    }
  }

  private PackedTensor pack(Kernels kernels, ConvShape shape, TensorRole role, INDArray x) {
    PackedTensor pack = kernels.pack(shape, role, x, precision.quantizer(role));
    NonFinite.check(pack, SITE, precision);
    return pack;
  }

  private static void check(INDArray input, INDArray weights) {
    Arguments.checkFloat("input", input);
    Arguments.checkFloat("weights", weights);
  }

  private INDArray activation(INDArray x) {
    return spec.channelsLast() && x.rank() == 4 ? x.permute(spec.activationAxes()) : x;
  }

  /** The part of the input that the convolution reads, channels second. */
  private INDArray src(ConvShape shape, INDArray input) {
    INDArray x = activation(input);
    long top = x.size(2) - shape.ih();
    long left = x.size(3) - shape.iw();
    if (top == 0 && left == 0) {
      return x;
    }
    INDArrayIndex all = NDArrayIndex.all();
    return x.get(
        all, all, NDArrayIndex.interval(top, x.size(2)), NDArrayIndex.interval(left, x.size(3)));
  }

  private INDArray weights(INDArray w) {
    return w.permute(spec.weightsAxes());
  }

  private void fp32Forward(INDArray input, INDArray weights, INDArray bias, INDArray output) {
    Conv2D op = new Conv2D(input, weights, bias, output, spec.toConfig());
    Fp32Section.run(() -> Nd4j.exec(op));
  }

  /** ND4J's op computes both gradients: the one that is not wanted goes into a temporary. */
  private void fp32Backward(
      INDArray input,
      INDArray weights,
      INDArray diffDst,
      INDArray diffInput,
      INDArray diffWeights) {
    try (INDArray spareInput = spare(diffInput, input);
        INDArray spareWeights = spare(diffWeights, weights)) {
      DynamicCustomOp op =
          DynamicCustomOp.builder("conv2d_bp")
              .addInputs(input, weights, diffDst)
              .addOutputs(
                  diffInput == null ? spareInput : diffInput,
                  diffWeights == null ? spareWeights : diffWeights)
              .build();
      op.addIArgument(spec.integers());
      Fp32Section.run(() -> Nd4j.exec(op));
    }
  }

  private static INDArray spare(INDArray wanted, INDArray like) {
    return wanted != null
        ? null
        : Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', like.shape());
  }
}
