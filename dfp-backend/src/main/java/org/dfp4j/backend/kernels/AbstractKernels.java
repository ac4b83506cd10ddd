package org.dfp4j.backend.kernels;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The part of {@link Kernels} that does not depend on how products are computed: every argument is
 * checked here, non-finite operands become NaN here, and outputs with gaps or of another order are
 * computed in a dense temporary and assigned.
 *
 * @param <P> the packed tensors of the implementation
 */
abstract class AbstractKernels<P extends Pack> implements Kernels {

  private final Class<P> packType;

  AbstractKernels(Class<P> packType) {
    this.packType = packType;
  }

  /**
   * Packs {@code x}, which has the shape of its role and is FP32 of any layout.
   *
   * @param guess at the exponent; may be wrong, may be ignored
   */
  abstract P quantize(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess);

  /** Packs an input, which has the shape of its role. */
  P quantize(LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    try (INDArray values = src.computed()) {
      return quantize(shape, TensorRole.SRC, values, quantizer, guess);
    }
  }

  /**
   * Computes a product of finite operands that fit the shape.
   *
   * @param bias {@code oc} values, or null
   * @param out dense in the pass's natural order ({@link Pass#outputOrder}); every element is
   *     written
   */
  abstract void multiply(
      Pass pass, LayerShape shape, P first, P second, float[] bias, INDArray out);

  /**
   * Quantizes weights and, where they are finite, computes a product with them.
   *
   * @param weights of the shape of their role
   * @param out see the other {@code multiply}; not written where the weights are not finite
   * @return what packing found out; closed
   */
  P multiply(
      Pass pass, LayerShape shape, P first, Fp32Weights weights, float[] bias, INDArray out) {
    P packed =
        quantize(shape, TensorRole.WEIGHTS, weights.values(), weights.quantizer(), weights.guess());
    try (packed) {
      if (packed.finite()) {
        multiply(pass, shape, first, packed, bias, out);
      }
    }
    return packed;
  }

  @Override
  public final PackedTensor pack(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    return checkedPack(shape, role, x, quantizer, guess);
  }

  @Override
  public final PackedTensor pack(
      LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    checkNotNull("shape", "the dimensions of the layer", shape);
    checkNotNull("src", "a tensor", src);
    checkNotNull("quantizer", "a quantizer", quantizer);
    checkArray("src", src.x(), shape.srcShape());
    checkNotNull("guess", "an exponent or none", guess);
    return quantize(shape, src, quantizer, guess);
  }

  @Override
  public final void forward(
      LayerShape shape, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
    product(Pass.FORWARD, shape, src, weights, biasValues(shape, bias), dst);
  }

  @Override
  public final void backwardData(
      LayerShape shape, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
    product(Pass.BACKWARD_DATA, shape, diffDst, weights, null, diffSrc);
  }

  @Override
  public final Quantized forward(
      LayerShape shape, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst) {
    return product(Pass.FORWARD, shape, src, weights, biasValues(shape, bias), dst);
  }

  @Override
  public final Quantized backwardData(
      LayerShape shape, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc) {
    return product(Pass.BACKWARD_DATA, shape, diffDst, weights, null, diffSrc);
  }

  @Override
  public final void backwardWeights(
      LayerShape shape, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
    product(Pass.BACKWARD_WEIGHTS, shape, src, diffDst, null, diffWeights);
  }

  @Override
  public final String toString() {
    return name();
  }

  private P checkedPack(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    checkNotNull("shape", "the dimensions of the layer", shape);
    checkNotNull("role", "a role", role);
    checkNotNull("quantizer", "a quantizer", quantizer);
    checkArray(role.argument(), x, shape.shapeOf(role));
    checkNotNull("guess", "an exponent or none", guess);
    return quantize(shape, role, x, quantizer, guess);
  }

  private void product(
      Pass pass,
      LayerShape shape,
      PackedTensor first,
      PackedTensor second,
      float[] bias,
      INDArray out) {
    checkNotNull("shape", "the dimensions of the layer", shape);
    P a = checkPack(first, pass.first, shape);
    P b = checkPack(second, pass.second, shape);
    checkOutput(pass, shape, out);
    a.acquire(pass.first.argument());
    try {
      b.acquire(pass.second.argument());
      try {
        fill(pass, shape, a, b, bias, out);
      } finally {
        b.release();
      }
    } finally {
      a.release();
    }
  }

  private void fill(Pass pass, LayerShape shape, P a, P b, float[] bias, INDArray out) {
    if (!a.finite() || !b.finite()) {
      out.assign(Float.NaN);
    } else {
      writeDense(pass, shape, out, dense -> multiply(pass, shape, a, b, bias, dense));
    }
  }

  private Quantized product(
      Pass pass,
      LayerShape shape,
      PackedTensor first,
      Fp32Weights weights,
      float[] bias,
      INDArray out) {
    checkNotNull("shape", "the dimensions of the layer", shape);
    P a = checkPack(first, pass.first, shape);
    checkNotNull("weights", "FP32 weights", weights);
    checkArray("weights", weights.values(), shape.weightsShape());
    checkOutput(pass, shape, out);
    a.acquire(pass.first.argument());
    try {
      return fill(pass, shape, a, weights, bias, out).digest();
    } finally {
      a.release();
    }
  }

  private P fill(
      Pass pass, LayerShape shape, P a, Fp32Weights weights, float[] bias, INDArray out) {
    P seen;
    if (a.finite()) {
      AtomicReference<P> result = new AtomicReference<>();
      writeDense(
          pass, shape, out, dense -> result.set(multiply(pass, shape, a, weights, bias, dense)));
      seen = result.get();
    } else {
      seen =
          quantize(
              shape, TensorRole.WEIGHTS, weights.values(), weights.quantizer(), weights.guess());
      seen.close();
    }
    if (!a.finite() || !seen.finite()) {
      out.assign(Float.NaN);
    }
    return seen;
  }

  /** Lets {@code write} fill the output, or a dense array in its place that is assigned to it. */
  private static void writeDense(
      Pass pass, LayerShape shape, INDArray out, Consumer<INDArray> write) {
    char order = pass.outputOrder(shape);
    if (FloatArrays.isDense(out, order)) {
      write.accept(out);
      return;
    }
    try (INDArray dense = Nd4j.createUninitializedDetached(DataType.FLOAT, order, out.shape())) {
      write.accept(dense);
      out.assign(dense);
    }
  }

  private static void checkOutput(Pass pass, LayerShape shape, INDArray out) {
    checkArray(pass.output, out, pass.outputShape(shape));
    if (FloatArrays.repeatsElements(out)) {
      throw new IllegalArgumentException(
          pass.output
              + ": expected an array whose elements are distinct, got strides "
              + Arrays.toString(out.stride()));
    }
  }

  private P checkPack(PackedTensor pack, TensorRole role, LayerShape shape) {
    String argument = role.argument();
    checkNotNull(argument, "a packed tensor", pack);
    if (!packType.isInstance(pack)) {
      throw new IllegalArgumentException(
          argument + ": expected a tensor packed by " + name() + ", got a " + kindOf(pack));
    }
    P own = packType.cast(pack);
    if (!own.kernels().equals(name())) {
      throw new IllegalArgumentException(
          argument + ": expected a tensor packed by " + name() + ", got a " + kindOf(pack));
    }
    if (own.role() != role) {
      throw new IllegalArgumentException(
          argument + ": expected a tensor packed as " + role + ", got one packed as " + own.role());
    }
    if (!own.shape().equals(shape)) {
      throw new IllegalArgumentException(
          argument + ": expected a tensor packed for " + shape + ", got one for " + own.shape());
    }
    return own;
  }

  private static String kindOf(PackedTensor pack) {
    return pack instanceof Pack known
        ? "tensor packed by " + known.kernels()
        : pack.getClass().getName();
  }

  /** A copy of the bias, of any shape with {@code oc} elements; null for null. */
  private static float[] biasValues(LayerShape shape, INDArray bias) {
    if (bias == null || shape == null) {
      return null;
    }
    checkFloat("bias", bias);
    long channels = shape.dstShape()[1];
    if (bias.length() != channels) {
      throw new IllegalArgumentException(
          "bias: expected " + channels + " elements, got shape " + Arrays.toString(bias.shape()));
    }
    return FloatArrays.read(bias);
  }

  private static void checkArray(String argument, INDArray x, long[] expected) {
    checkNotNull(argument, "an array of shape " + Arrays.toString(expected), x);
    checkFloat(argument, x);
    if (!Arrays.equals(x.shape(), expected)) {
      throw new IllegalArgumentException(
          argument
              + ": expected shape "
              + Arrays.toString(expected)
              + ", got "
              + Arrays.toString(x.shape()));
    }
  }

  private static void checkFloat(String argument, INDArray x) {
    if (x.wasClosed()) {
      throw new IllegalArgumentException(argument + ": expected an open array, got a closed one");
    }
    if (x.dataType() != DataType.FLOAT) {
      throw new IllegalArgumentException(
          argument + ": expected data type FLOAT, got " + x.dataType());
    }
  }

  private static void checkNotNull(String argument, String expected, Object value) {
    if (value == null) {
      throw new IllegalArgumentException(argument + ": expected " + expected + ", got null");
    }
  }
}
