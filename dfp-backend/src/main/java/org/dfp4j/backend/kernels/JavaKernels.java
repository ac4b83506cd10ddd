package org.dfp4j.backend.kernels;

import java.util.Arrays;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The kernels in plain Java: the specification that every native kernel follows bit for bit, and
 * what runs where there is no native library.
 *
 * <p>Sums are int64. A product of mantissas is at most 32767² &lt; 2^30, a sum has fewer than 2^31
 * products (one operand has as many elements, or more), so that |S| &lt; 2^61.
 *
 * <p>Tensors have at most 2^31 - 9 elements, as a Java array does.
 */
public final class JavaKernels extends AbstractKernels<JavaKernels.JavaPack> {

  private static final long MAX_ELEMENTS = Integer.MAX_VALUE - 8;

  public JavaKernels() {
    super(JavaPack.class);
  }

  @Override
  public String name() {
    return "java";
  }

  @Override
  public String isa() {
    return "scalar";
  }

  @Override
  JavaPack quantize(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    for (TensorRole each : TensorRole.values()) {
      checkLength(each, shape.shapeOf(each));
    }
    float[] values = FloatArrays.read(x);
    float amax = Quantizer.amax(values);
    boolean finite = Float.isFinite(amax);
    long fingerprint = role == TensorRole.WEIGHTS ? Fingerprint.of(values) : 0;
    short[] mantissas = new short[finite ? values.length : 0];
    if (finite) {
      int exponent = quantizer.exponent(amax);
      IntStream.range(0, values.length)
          .parallel()
          .forEach(i -> mantissas[i] = quantizer.mantissa(values[i], exponent, i));
    }
    return new JavaPack(
        name(), shape, role, quantizer, new Pack.Scan(amax, finite, fingerprint), mantissas);
  }

  private static void checkLength(TensorRole role, long[] shape) {
    double length = Arrays.stream(shape).asDoubleStream().reduce(1, (a, b) -> a * b);
    if (length > MAX_ELEMENTS) {
      throw new IllegalArgumentException(
          role.argument()
              + ": expected at most "
              + MAX_ELEMENTS
              + " elements, got shape "
              + Arrays.toString(shape));
    }
  }

  @Override
  void multiply(
      Pass pass, LayerShape shape, JavaPack first, JavaPack second, float[] bias, INDArray out) {
    float[] result = new float[Math.toIntExact(out.length())];
    int exponent = first.exponent() + second.exponent();
    short[] a = first.mantissas();
    short[] b = second.mantissas();
    if (shape instanceof DenseShape dense) {
      JavaDense product = new JavaDense(dense, exponent);
      switch (pass) {
        case FORWARD -> product.forward(a, b, bias, result);
        case BACKWARD_DATA -> product.backwardData(a, b, result);
        case BACKWARD_WEIGHTS -> product.backwardWeights(a, b, result);
      }
    } else {
      JavaConvolution convolution = convolution(shape, exponent);
      switch (pass) {
        case FORWARD -> convolution.forward(a, b, bias, result);
        case BACKWARD_DATA -> convolution.backwardData(a, b, result);
        case BACKWARD_WEIGHTS -> convolution.backwardWeights(a, b, result);
      }
    }
    FloatArrays.pointer(out).put(result);
  }

  private static JavaConvolution convolution(LayerShape shape, int exponent) {
    if (shape instanceof DepthwiseShape depthwise) {
      return new JavaConvolution(depthwise, exponent);
    }
    Conv3dShape volume =
        shape instanceof ConvShape plane ? Conv3dShape.flat(plane) : (Conv3dShape) shape;
    return new JavaConvolution(volume, exponent);
  }

  /** Mantissas in C order of the logical shape; none where the tensor is not finite. */
  static final class JavaPack extends Pack {

    private volatile short[] mantissas;

    JavaPack(
        String kernels,
        LayerShape shape,
        TensorRole role,
        Quantizer quantizer,
        Scan scan,
        short[] mantissas) {
      super(kernels, shape, role, quantizer, scan);
      this.mantissas = mantissas;
    }

    short[] mantissas() {
      return mantissas;
    }

    @Override
    long size() {
      return (long) Short.BYTES * mantissas.length;
    }

    @Override
    void free() {
      mantissas = null;
    }

    @Override
    long fingerprintOf(INDArray x) {
      return Fingerprint.of(FloatArrays.read(x));
    }
  }
}
