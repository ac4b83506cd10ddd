package org.dfp4j.backend.kernels;

import java.util.OptionalInt;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The integer products of convolution and fully connected layers, by the layer's {@link
 * LayerShape}.
 *
 * <p>Every product obeys one contract:
 *
 * <pre>
 *   dst = float_round(2^(Ea+Eb) · S)      S = Σ a·b, the exact integer
 * </pre>
 *
 * with one rounding to nearest even at the end. The sum is exact, so each implementation gives the
 * same bits on every instruction set and with any number of threads. {@link JavaKernels} is the
 * specification.
 *
 * <p>Arrays are FP32 and may be views, permuted or of either order. A product writes every element
 * of its output array and nothing else. Where an operand is not {@link PackedTensor#finite()}, the
 * whole output is NaN.
 *
 * <p>Errors: an {@link IllegalArgumentException} names the argument, what was expected and what
 * came. A closed packed tensor and a full {@link org.dfp4j.backend.memory.MemoryPool} are an {@link
 * IllegalStateException}. Instances are safe for use by several threads at once.
 */
public interface Kernels {

  /** What runs, for logs and reports: {@code java}, or {@code native} and the instruction set. */
  String name();

  /** The instruction set: {@code scalar}, {@code avx2}, {@code avx512vnni} or {@code amxint8}. */
  String isa();

  /**
   * Quantizes and packs a tensor of a layer.
   *
   * @param x of the shape of its role
   * @param guess at the exponent, for example that of the iteration before: where it is right, the
   *     values may be read once instead of twice; the result does not depend on it
   */
  PackedTensor pack(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess);

  /**
   * As {@code pack} of an input that nobody has written. The native kernels compute it on the way
   * where the layer is a 2-D convolution and x is dense in C order, else before.
   */
  PackedTensor pack(LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess);

  /** As the other {@code pack}, without a guess. */
  default PackedTensor pack(LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer) {
    return pack(shape, role, x, quantizer, OptionalInt.empty());
  }

  /**
   * Whether a product of the layer with weights in FP32 is faster than packing them and a product
   * with the pack, however often the pack is used: where the products are few beside the weights.
   */
  default boolean takesFp32Weights(LayerShape shape) {
    return shape instanceof DenseShape;
  }

  /**
   * {@code dst = src ⊛ weights (+ bias)}.
   *
   * @param bias one value an output channel, in any shape, added in FP32 after the product; null
   *     for none
   * @param dst {@link LayerShape#dstShape}, written
   */
  void forward(
      LayerShape shape, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst);

  /**
   * As {@link #pack} of the weights and the product with them; where {@link #takesFp32Weights} and
   * the guess is right, the native kernels read the weights once and write no mantissas.
   *
   * @return what packing found out
   */
  Quantized forward(
      LayerShape shape, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst);

  /**
   * {@code diffSrc = diffDst ⊛ weightsᵀ}.
   *
   * @param diffSrc {@link LayerShape#srcShape}, written
   */
  void backwardData(LayerShape shape, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc);

  /** As {@code forward} with weights in FP32. */
  Quantized backwardData(
      LayerShape shape, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc);

  /**
   * {@code diffWeights = src ⊛ diffDst}.
   *
   * @param diffWeights {@link LayerShape#weightsShape}, written
   */
  void backwardWeights(
      LayerShape shape, PackedTensor src, PackedTensor diffDst, INDArray diffWeights);
}
