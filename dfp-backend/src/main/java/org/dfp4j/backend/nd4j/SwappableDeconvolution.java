package org.dfp4j.backend.nd4j;

import java.util.Arrays;
import java.util.List;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.ops.ConvolutionSpec;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.factory.Broadcast;

/**
 * {@code deconv2d} and its gradient: the transpose of the convolution that takes its output back to
 * the shape of its input. Its arguments are those of that convolution, its input plays the
 * convolution's diffDst, its output the diffSrc.
 *
 * <pre>
 *   forward   input weights [bias]          to  output
 *   backward  input weights [bias] diffDst  to  diffInput diffWeights [diffBias]
 * </pre>
 *
 * @param backward whether it is the gradient
 */
record SwappableDeconvolution(boolean backward) implements SwappableOp {

  private static final int BIAS = 2;

  @Override
  public Plan plan(CustomOp op, OpContext context) {
    List<INDArray> inputs = context.getInputArrays();
    List<INDArray> outputs = context.getOutputArrays();
    String refusal = SwappableOp.refuse(inputs, outputs);
    if (refusal != null) {
      return Plan.keep(refusal);
    }
    int biases = inputs.size() - (backward ? 3 : 2);
    if (biases < 0 || biases > 1 || outputs.size() != (backward ? 2 + biases : 1)) {
      return Plan.keep("%d inputs and %d outputs".formatted(inputs.size(), outputs.size()));
    }
    INDArray input = inputs.get(0);
    INDArray weights = inputs.get(1);
    INDArray dst = backward ? inputs.get(inputs.size() - 1) : outputs.get(0);
    ConvolutionSpec spec;
    ConvShape shape;
    try {
      spec = ConvolutionSpec.of(context.getIArguments());
      shape = spec.shape(dst.shape(), weights.shape());
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Plan.keep(e.getMessage());
    }
    INDArray bias = biases == 0 ? null : inputs.get(BIAS);
    INDArray diffBias = biases == 0 || !backward ? null : outputs.get(BIAS);
    int[] axes = activationAxes(spec);
    boolean fits =
        Arrays.equals(spec.outputShape(dst.shape(), weights.shape()), input.shape())
            && Arrays.equals(dst.permute(axes).shape(), shape.srcShape())
            && (bias == null || bias.length() == shape.ic())
            && (diffBias == null || diffBias.length() == shape.ic())
            && (!backward
                || (outputs.get(0).equalShapes(input) && outputs.get(1).equalShapes(weights)));
    if (!fits) {
      return Plan.keep("arrays whose shapes do not fit");
    }
    INDArray x = input.permute(axes);
    INDArray w = weights.permute(weightsAxes(spec));
    INDArray y = dst.permute(axes);
    long products = SwappableConvolution.products(shape);
    if (!backward) {
      return Plan.swap(products, () -> forward(shape, x, w, bias, y));
    }
    INDArray diffInput = outputs.get(0).permute(axes);
    INDArray diffWeights = outputs.get(1).permute(weightsAxes(spec));
    return Plan.swap(
        2 * products, () -> backward(shape, x, w, y, diffInput, diffWeights, diffBias));
  }

  private static void forward(
      ConvShape shape, INDArray x, INDArray weights, INDArray bias, INDArray y) {
    Kernels kernels = KernelProvider.kernels();
    try (PackedTensor src = pack(kernels, shape, TensorRole.DIFF_DST, x);
        PackedTensor w = pack(kernels, shape, TensorRole.WEIGHTS, weights)) {
      kernels.backwardData(shape, src, w, y);
    }
    if (bias != null) {
      Broadcast.add(y, bias.reshape(bias.length()), y, 1);
    }
  }

  private static void backward(
      ConvShape shape,
      INDArray x,
      INDArray weights,
      INDArray diffDst,
      INDArray diffInput,
      INDArray diffWeights,
      INDArray diffBias) {
    Kernels kernels = KernelProvider.kernels();
    if (diffBias != null) {
      FloatArrays.write(diffBias, Fp32KernelProvider.kernels().channelSums(diffDst));
    }
    try (PackedTensor diff = pack(kernels, shape, TensorRole.SRC, diffDst)) {
      try (PackedTensor src = pack(kernels, shape, TensorRole.DIFF_DST, x)) {
        kernels.backwardWeights(shape, diff, src, diffWeights);
      }
      try (PackedTensor w = pack(kernels, shape, TensorRole.WEIGHTS, weights)) {
        kernels.forward(shape, diff, w, null, diffInput);
      }
    }
  }

  private static PackedTensor pack(Kernels kernels, ConvShape shape, TensorRole role, INDArray x) {
    return kernels.pack(shape, role, x, Quantizer.DEFAULT);
  }

  /** Of {@code [mb, c, h, w]} in an array of this format. */
  private static int[] activationAxes(ConvolutionSpec spec) {
    return spec.channelsLast() ? new int[] {0, 3, 1, 2} : new int[] {0, 1, 2, 3};
  }

  /** Of {@code [oc, ic, kh, kw]} in an array of this format. */
  private static int[] weightsAxes(ConvolutionSpec spec) {
    return switch (spec.weightsFormat()) {
      case YXIO -> new int[] {3, 2, 0, 1};
      case OIYX -> new int[] {0, 1, 2, 3};
      case OYXI -> new int[] {0, 3, 1, 2};
    };
  }
}
