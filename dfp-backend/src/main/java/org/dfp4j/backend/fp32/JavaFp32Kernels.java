package org.dfp4j.backend.fp32;

import java.util.stream.IntStream;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The FP32 layers in plain Java: the specification that every native kernel follows bit for bit,
 * and what runs where there is no native library.
 *
 * <p>Tensors have at most 2^31 - 9 elements, as a Java array does.
 */
public final class JavaFp32Kernels extends AbstractFp32Kernels {

  @Override
  public String name() {
    return "java";
  }

  @Override
  void denseSums(ChannelShape shape, INDArray x, float[] written) {
    JavaChannels channels = new JavaChannels(shape);
    float[] values = FloatArrays.read(x);
    channels.forEach(c -> written[c] = (float) channels.sum(values, c));
  }

  @Override
  void denseStatistics(ChannelShape shape, INDArray x, ChannelStatistics written) {
    new JavaBatchNorm(new BatchNorm(shape, 0), FloatArrays.read(x)).statistics(written);
  }

  @Override
  void denseTraining(
      BatchNorm norm,
      INDArray x,
      float[] gamma,
      float[] beta,
      INDArray y,
      ChannelStatistics written) {
    JavaBatchNorm batchNorm = new JavaBatchNorm(norm, FloatArrays.read(x));
    batchNorm.statistics(written);
    FloatArrays.pointer(y).put(batchNorm.normalized(written, gamma, beta));
  }

  @Override
  void denseInference(
      BatchNorm norm,
      INDArray x,
      ChannelStatistics statistics,
      float[] gamma,
      float[] beta,
      INDArray y) {
    JavaBatchNorm batchNorm = new JavaBatchNorm(norm, FloatArrays.read(x));
    FloatArrays.pointer(y).put(batchNorm.normalized(statistics, gamma, beta));
  }

  @Override
  float denseBackward(
      BatchNorm norm,
      INDArray x,
      INDArray diffDst,
      Pointwise forward,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      INDArray diffSrc,
      float[] diffGamma,
      float[] diffBeta,
      float[] sums) {
    JavaBatchNorm batchNorm = new JavaBatchNorm(norm, FloatArrays.read(x));
    float[] gradient =
        batchNorm.gradient(
            FloatArrays.read(diffDst), forward, used, batchMean, gamma, diffGamma, diffBeta);
    FloatArrays.pointer(diffSrc).put(gradient);
    if (sums != null) {
      denseSums(norm.shape(), diffSrc, sums);
    }
    return Quantizer.amax(gradient);
  }

  @Override
  void denseSum(DeferredTensor a, DeferredTensor b, Rectifier f, INDArray y) {
    float[] values = FloatArrays.read(a.computed());
    float[] others = b == null ? null : FloatArrays.read(b.computed());
    IntStream.range(0, values.length)
        .parallel()
        .forEach(
            i -> {
              float sum = others == null ? values[i] : values[i] + others[i];
              values[i] = f == null ? sum : f.value(sum);
            });
    FloatArrays.pointer(y).put(values);
  }

  @Override
  void denseActivation(Rectifier f, INDArray x, INDArray y) {
    float[] values = inMemory(x);
    IntStream.range(0, values.length).parallel().forEach(i -> values[i] = f.value(values[i]));
    FloatArrays.pointer(y).put(values);
  }

  @Override
  void denseActivationBackward(Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc) {
    float[] values = inMemory(x);
    float[] gradient = inMemory(diffDst);
    IntStream.range(0, values.length)
        .parallel()
        .forEach(i -> values[i] = f.gradient(values[i], gradient[i]));
    FloatArrays.pointer(diffSrc).put(values);
  }

  @Override
  float denseActivationGradient(
      Rectifier f,
      ChannelShape shape,
      INDArray x,
      INDArray diffDst,
      INDArray diffSrc,
      float[] sums) {
    denseActivationBackward(f, x, diffDst, diffSrc);
    if (sums != null) {
      denseSums(shape, diffSrc, sums);
    }
    return Quantizer.amax(inMemory(diffSrc));
  }

  /** A copy of the elements of a dense array as they lie in memory. */
  private static float[] inMemory(INDArray x) {
    float[] values = new float[Math.toIntExact(x.length())];
    FloatArrays.pointer(x).get(values);
    return values;
  }
}
