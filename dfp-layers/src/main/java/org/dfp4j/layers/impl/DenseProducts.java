package org.dfp4j.layers.impl;

import java.util.Arrays;
import java.util.Map;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The three matrix products of one fully connected layer.
 *
 * <p>DL4J asks for the forward product two or three times an iteration: to feed the next layer, in
 * backprop, and for the score. The product is kept with a copy of its input, and runs again only
 * where the input, the weights or the quantizers differ.
 *
 * <p>Packed weights are not kept: each product reads the FP32 ones once and quantizes them on the
 * way.
 */
final class DenseProducts {

  private final AbstractLayer<?> layer;
  private final LayerPrecision precision;
  private final Operands operands;
  private TimedKernels kernels;

  private INDArray keptSrc;
  private INDArray keptDst;
  private boolean finite = true;

  DenseProducts(AbstractLayer<?> layer, LayerPrecision precision, Kernels kernels) {
    this.layer = layer;
    this.precision = precision;
    this.operands = new Operands(layer, precision);
    this.kernels = new TimedKernels(kernels, operands::sampled);
  }

  void useKernels(Kernels kernels) {
    this.kernels = new TimedKernels(kernels, operands::sampled);
  }

  LayerPrecision precision() {
    return precision;
  }

  Map<TensorRole, TensorNumerics> numerics() {
    return operands.numerics();
  }

  Map<Pass, ProductTime> products() {
    return kernels.times();
  }

  void sampleAt(int iteration) {
    operands.sampleAt(iteration);
  }

  /** False where an operand of the last forward product held a NaN or an infinity. */
  boolean finite() {
    return finite;
  }

  /**
   * {@code dst = src · weights}, without bias.
   *
   * @param src {@code [mb, ic]}
   * @param weights {@code [ic, oc]}
   * @param keep whether a backward pass or a score may follow
   * @return {@code dst}, {@code [mb, oc]}, among the activations; the caller may modify it
   */
  INDArray forward(INDArray src, INDArray weights, boolean keep, LayerWorkspaceMgr workspaceMgr) {
    DenseShape shape = shape(src, weights);
    INDArray dst =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATIONS, src.dataType(), shape.dstShape(), 'c');
    if (isKept(shape, src, weights)) {
      return dst.assign(keptDst);
    }
    release();
    PackedTensor packedSrc = operands.packSrc(packer(shape), src);
    Quantized seen =
        operands.weightsInProduct(
            shape, weights, keep, values -> kernels.forward(shape, packedSrc, values, null, dst));
    finite = packedSrc.finite() && seen.finite();
    if (keep) {
      // keptSrc last: where it is set, so is keptDst.
      keptDst = detachedCopy(dst);
      keptSrc = detachedCopy(src);
    } else {
      operands.releaseSrc();
    }
    return dst;
  }

  /** A copy outside DL4J's workspaces, which lives until it is closed. */
  private static INDArray detachedCopy(INDArray x) {
    return Nd4j.createUninitializedDetached(x.dataType(), 'c', x.shape()).assign(x);
  }

  private boolean isKept(DenseShape shape, INDArray src, INDArray weights) {
    return isSrcKept(src) && operands.weightsUnchanged(shape, weights);
  }

  /** Compares values, not objects: DL4J may hand in another array, or have changed this one. */
  private boolean isSrcKept(INDArray src) {
    return keptSrc != null
        && operands.srcIsCurrent()
        && Arrays.equals(keptSrc.shape(), src.shape())
        && src.neq(keptSrc).castTo(src.dataType()).sumNumber().doubleValue() == 0;
  }

  /**
   * {@code diffWeights = srcᵀ · delta} and {@code diffSrc = delta · weightsᵀ}, each in the
   * precision that is set for it.
   *
   * @param src {@code [mb, ic]}
   * @param weights {@code [ic, oc]}
   * @param delta {@code [mb, oc]}, the gradient by the output
   * @param diffWeights {@code [ic, oc]}, written
   * @return {@code diffSrc}, {@code [mb, ic]}, among the activation gradients
   */
  INDArray backward(
      INDArray src,
      INDArray weights,
      INDArray delta,
      INDArray diffWeights,
      LayerWorkspaceMgr workspaceMgr) {
    DenseShape shape = shape(src, weights);
    // DL4J's order: f, transposed.
    INDArray diffSrc =
        workspaceMgr
            .createUninitialized(
                ArrayType.ACTIVATION_GRAD,
                delta.dataType(),
                new long[] {shape.ic(), shape.mb()},
                'f')
            .transpose();
    try (PackedTensor diffDst = operands.packDiffDst(packer(shape), delta)) {
      if (precision.backwardWeights()) {
        PackedTensor packedSrc =
            isSrcKept(src) ? operands.src() : operands.packSrc(packer(shape), src);
        kernels.backwardWeights(shape, packedSrc, diffDst, diffWeights);
      } else {
        Nd4j.gemm(src, delta, diffWeights, true, false, 1.0, 0.0);
      }
      if (precision.backwardData()) {
        operands.weightsInProduct(
            shape, weights, false, values -> kernels.backwardData(shape, diffDst, values, diffSrc));
      } else {
        weights.mmuli(delta.transpose(), diffSrc.transpose());
      }
    }
    return diffSrc;
  }

  /** Forgets the last forward product. */
  void release() {
    operands.releaseSrc();
    if (keptSrc != null) {
      keptSrc.close();
      keptDst.close();
      keptSrc = null;
      keptDst = null;
    }
  }

  /** Forgets the weights too. */
  void close() {
    release();
    operands.releaseWeights();
  }

  private Operands.Packer packer(DenseShape shape) {
    return (role, x, quantizer, guess) -> kernels.pack(shape, role, x, quantizer, guess);
  }

  private DenseShape shape(INDArray src, INDArray weights) {
    if (src.rank() != 2 || src.size(1) != weights.size(0)) {
      throw new DL4JInvalidInputException(
          String.format(
              "src: expected [mb, %d], got %s (layer %s)",
              weights.size(0),
              Arrays.toString(src.shape()),
              layer.conf().getLayer().getLayerName()));
    }
    return new DenseShape(
        Math.toIntExact(src.size(0)),
        Math.toIntExact(src.size(1)),
        Math.toIntExact(weights.size(1)));
  }
}
