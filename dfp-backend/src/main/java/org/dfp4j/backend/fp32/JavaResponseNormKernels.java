package org.dfp4j.backend.fp32;

import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.dfp4j.backend.kernels.FloatArrays;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Local response normalization in plain Java: the specification that the native kernels follow bit
 * for bit. Tensors have at most 2^31 - 9 elements, as a Java array does.
 */
public final class JavaResponseNormKernels extends AbstractResponseNormKernels {

  public JavaResponseNormKernels() {}

  @Override
  public String name() {
    return "java";
  }

  @Override
  void denseNormalize(ResponseNorm norm, INDArray x, INDArray dst) {
    float[] values = FloatArrays.read(x);
    float[] result = new float[values.length];
    Places places = new Places(norm, x);
    forEach(
        values.length, i -> result[i] = values[i] * scale(norm, response(norm, places, values, i)));
    FloatArrays.write(dst, result);
  }

  @Override
  void denseBackward(ResponseNorm norm, INDArray x, INDArray diffDst, INDArray diffSrc) {
    float[] values = FloatArrays.read(x);
    float[] gradient = FloatArrays.read(diffDst);
    float[] u = new float[values.length];
    float[] scale = new float[values.length];
    float[] products = new float[values.length];
    Places places = new Places(norm, x);
    forEach(
        values.length,
        i -> {
          u[i] = response(norm, places, values, i);
          scale[i] = scale(norm, u[i]);
          products[i] = values[i] * scale[i] * gradient[i];
        });
    float[] result = new float[values.length];
    forEach(
        values.length,
        i -> {
          float[] t = {products[i]};
          places.forEachNeighbour(i, j -> t[0] += products[j]);
          result[i] = gradient[i] * scale[i] - t[0] * values[i] / u[i] * norm.slope();
        });
    FloatArrays.write(diffSrc, result);
  }

  private static float response(ResponseNorm norm, Places places, float[] values, int i) {
    float[] sum = {values[i] * values[i]};
    places.forEachNeighbour(i, j -> sum[0] += values[j] * values[j]);
    return sum[0] * (float) norm.alpha() + (float) norm.k();
  }

  private static float scale(ResponseNorm norm, float u) {
    double root = Math.sqrt(Math.sqrt(u));
    double power = root;
    for (int q = 1; q < norm.quarters(); q++) {
      power *= root;
    }
    return (float) (1 / power);
  }

  private static void forEach(int count, IntConsumer body) {
    IntStream.range(0, count).parallel().forEach(body);
  }

  /** Where the neighbours of an element are. */
  private static final class Places {

    private final int half;
    private final int channels;
    private final int pixels;

    Places(ResponseNorm norm, INDArray x) {
      half = norm.half();
      channels = Math.toIntExact(x.size(1));
      pixels = Math.toIntExact(x.size(2) * x.size(3));
    }

    void forEachNeighbour(int index, IntConsumer body) {
      int channel = index / pixels % channels;
      for (int i = 1; i <= half; i++) {
        if (channel - i >= 0) {
          body.accept(index - i * pixels);
        }
        if (channel + i < channels) {
          body.accept(index + i * pixels);
        }
      }
    }
  }
}
