package org.dfp4j.backend.nd4j;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.ops.ArrayConvolution;
import org.dfp4j.backend.ops.ConvolutionSpec;
import org.dfp4j.backend.ops.OpPrecision;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.Shape;

/**
 * {@code conv1d}, {@code conv2d} and their gradients.
 *
 * <pre>
 *   forward   input weights [bias]          to  output
 *   backward  input weights [bias] diffDst  to  diffInput diffWeights [diffBias]
 * </pre>
 *
 * @param kind of the arrays
 * @param backward whether it is the gradient
 */
record SwappableConvolution(Kind kind, boolean backward) implements SwappableOp {

  /** Rank 3, which is an image of height 1, or rank 4. */
  enum Kind {
    SEQUENCE,
    IMAGE
  }

  /** A bias has one value an output channel. */
  private static final int BIAS = 2;

  private static final int SEQUENCE_RANK = 3;

  @Override
  public Plan plan(CustomOp op, OpContext context) {
    List<INDArray> inputs = context.getInputArrays();
    List<INDArray> outputs = context.getOutputArrays();
    String refusal = SwappableOp.refuse(inputs, outputs);
    if (refusal != null) {
      return Plan.keep(refusal);
    }
    int least = backward ? 3 : 2;
    int biases = inputs.size() - least;
    int results = backward ? 2 + biases : 1;
    if (biases < 0 || biases > 1 || outputs.size() != results) {
      return Plan.keep("%d inputs and %d outputs".formatted(inputs.size(), outputs.size()));
    }
    ConvolutionSpec spec;
    List<INDArray> x;
    List<INDArray> y;
    ConvShape shape;
    try {
      spec = spec(context.getIArguments());
      x = images(inputs, spec);
      y = images(outputs, spec);
      shape = spec.shape(x.get(0).shape(), x.get(1).shape());
    } catch (IllegalArgumentException | ArithmeticException e) {
      return Plan.keep(e.getMessage());
    }
    INDArray bias = biases == 0 ? null : x.get(BIAS);
    String mismatch = mismatch(spec, shape, x, y, bias);
    if (mismatch != null) {
      return Plan.keep(mismatch);
    }
    ArrayConvolution convolution = new ArrayConvolution(spec, OpPrecision.DEFAULT);
    if (!backward) {
      return Plan.swap(
          products(shape), () -> convolution.forward(x.get(0), x.get(1), bias, y.get(0)));
    }
    INDArray diffBias = biases == 0 ? null : y.get(BIAS);
    return Plan.swap(
        2 * products(shape),
        () ->
            convolution.backward(
                x.get(0), x.get(1), x.get(x.size() - 1), y.get(0), y.get(1), diffBias));
  }

  private String mismatch(
      ConvolutionSpec spec,
      ConvShape shape,
      List<INDArray> inputs,
      List<INDArray> outputs,
      INDArray bias) {
    long[] input = inputs.get(0).shape();
    long[] weights = inputs.get(1).shape();
    long[] out = spec.outputShape(input, weights);
    if (bias != null && bias.length() != shape.oc()) {
      return "a bias that does not fit";
    }
    boolean fits =
        backward
            ? Arrays.equals(inputs.get(inputs.size() - 1).shape(), out)
                && Arrays.equals(outputs.get(0).shape(), input)
                && Arrays.equals(outputs.get(1).shape(), weights)
                && (bias == null || outputs.get(BIAS).length() == shape.oc())
            : Arrays.equals(outputs.get(0).shape(), out);
    return fits ? null : "arrays whose shapes do not fit";
  }

  static long products(ConvShape s) {
    return (long) s.mb() * s.oc() * s.oh() * s.ow() * s.ic() * s.kh() * s.kw();
  }

  /** The settings of the image. */
  private ConvolutionSpec spec(List<Long> arguments) {
    if (kind == Kind.IMAGE) {
      return ConvolutionSpec.of(arguments);
    }
    // kernel, stride, padding, dilation, padding mode, 1 for NWC, weights format; each along the
    // width of an image whose height is 1.
    List<Long> a = arguments;
    if (a.size() < 4) {
      throw new IllegalArgumentException(
          "integer arguments: expected at least 4, got " + arguments.size());
    }
    List<Long> image =
        new ArrayList<>(List.of(1L, a.get(0), 1L, a.get(1), 0L, a.get(2), 1L, a.get(3)));
    image.addAll(a.subList(4, a.size()));
    return ConvolutionSpec.of(image);
  }

  /** The arrays as images and their weights; a bias stays what it is. */
  private List<INDArray> images(List<INDArray> arrays, ConvolutionSpec spec) {
    if (kind == Kind.IMAGE) {
      return arrays;
    }
    List<INDArray> images = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i++) {
      INDArray x = arrays.get(i);
      int height = i == 1 ? heightOfWeights(spec) : spec.channelsLast() ? 1 : 2;
      images.add(x.rank() == SEQUENCE_RANK ? image(x, height) : x);
    }
    return images;
  }

  /** {@code [1, k, ic, oc]}, {@code [oc, ic, 1, k]} or {@code [oc, 1, k, ic]}. */
  private static int heightOfWeights(ConvolutionSpec spec) {
    return switch (spec.weightsFormat()) {
      case YXIO -> 0;
      case OIYX -> 2;
      case OYXI -> 1;
    };
  }

  /** A view with a dimension of size 1 at the given place. */
  private static INDArray image(INDArray x, int height) {
    long[] shape = new long[SEQUENCE_RANK + 1];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = i == height ? 1 : x.size(i < height ? i : i - 1);
    }
    INDArray view = Shape.newShapeNoCopy(x, shape, x.ordering() == 'f');
    if (view == null) {
      throw new IllegalArgumentException("a view of many strides");
    }
    return view;
  }
}
