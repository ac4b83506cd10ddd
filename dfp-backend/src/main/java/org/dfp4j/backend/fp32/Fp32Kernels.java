package org.dfp4j.backend.fp32;

import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What layers in FP32 compute.
 *
 * <p>Elements are computed in FP32 and each operation rounds: nothing is fused. Sums are FP64 in
 * one order, for a channel of a {@link ChannelShape} this one: each run of {@code inner} elements
 * in 16 lanes, element i in lane {@code i mod 16}; the lanes added in halves (l and l + 8, l and l
 * + 4, ...); the sums of the runs one after the other. So each implementation gives the same bits
 * on every instruction set and with any number of threads. {@link JavaFp32Kernels} is the
 * specification.
 *
 * <p>Arrays are FP32 and may be views, permuted or of either order; those that are not dense in C
 * order are copied. Outputs are written and must not overlap the inputs.
 *
 * <p>Errors: an {@link IllegalArgumentException} names the argument, what was expected and what
 * came. Instances are safe for use by several threads at once.
 */
public interface Fp32Kernels {

  /** What runs, for logs and reports: {@code java}, or {@code native} and the instruction set. */
  String name();

  /** Mean and variance of each channel of x. */
  ChannelStatistics statistics(ChannelShape shape, INDArray x);

  /**
   * Normalizes x with its own statistics, and returns them.
   *
   * @param gamma of each channel
   * @param beta of each channel
   * @param y of the shape of x, written
   */
  ChannelStatistics batchNormTraining(
      BatchNorm norm, INDArray x, float[] gamma, float[] beta, INDArray y);

  /**
   * Normalizes x with given statistics.
   *
   * @param gamma of each channel
   * @param beta of each channel
   * @param y of the shape of x, written
   */
  void batchNormInference(
      BatchNorm norm,
      INDArray x,
      ChannelStatistics statistics,
      float[] gamma,
      float[] beta,
      INDArray y);

  /**
   * The gradients of a normalization that nothing followed.
   *
   * @see #batchNormBackward(BatchNorm, INDArray, INDArray, Pointwise, ChannelStatistics, float[],
   *     float[], INDArray, boolean)
   */
  default BatchNormGradient batchNormBackward(
      BatchNorm norm,
      INDArray x,
      INDArray diffDst,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      INDArray diffSrc) {
    return batchNormBackward(
        norm, x, diffDst, Pointwise.IDENTITY, used, batchMean, gamma, diffSrc, true);
  }

  /**
   * The gradients of a normalization and of the activation after it, where there was one: {@link
   * #activationBackward} and the gradients of the normalization, in one pass.
   *
   * @param x input of the forward pass
   * @param diffDst gradient by the output of the activation
   * @param forward the normalization and the activation; the identity where there was none
   * @param used statistics that it used
   * @param batchMean mean of each channel of x
   * @param gamma of each channel
   * @param diffSrc gradient by x, written
   * @param withSums whether the sums of diffSrc are wanted
   */
  BatchNormGradient batchNormBackward(
      BatchNorm norm,
      INDArray x,
      INDArray diffDst,
      Pointwise forward,
      ChannelStatistics used,
      float[] batchMean,
      float[] gamma,
      INDArray diffSrc,
      boolean withSums);

  /**
   * Writes what is deferred, {@code y = a}.
   *
   * @param y of the shape of a, written
   */
  void write(DeferredTensor a, INDArray y);

  /**
   * {@code y = f(a + b)}.
   *
   * @param a a term without an activation
   * @param b another, of the same shape
   * @param f null for the identity
   * @param y of the same shape, written
   */
  void sum(DeferredTensor a, DeferredTensor b, Rectifier f, INDArray y);

  /**
   * The sum of each channel, rounded to FP32: the gradient of a bias.
   *
   * @param x {@code [mb, channels, ...]}
   */
  float[] channelSums(INDArray x);

  /**
   * {@code y = f(x)}.
   *
   * @param y of the shape of x, written
   */
  void activation(Rectifier f, INDArray x, INDArray y);

  /**
   * {@code diffSrc = f'(x)·diffDst}, and 0 where f'(x) is 0.
   *
   * @param diffSrc of the shape of x, written
   */
  void activationBackward(Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc);

  /**
   * {@link #activationBackward} of tensors {@code [mb, channels, ...]}, and what it found of
   * diffSrc.
   *
   * @param withSums whether the sums of diffSrc are wanted
   */
  TensorSummary activationGradient(
      Rectifier f, INDArray x, INDArray diffDst, INDArray diffSrc, boolean withSums);
}
