package org.dfp4j.layers.impl;

import java.util.Optional;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.fp32.Fp32Kernels;
import org.dfp4j.backend.fp32.TensorSummary;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.layers.conf.LayerPrecision;
import org.dfp4j.layers.conf.Rectifiers;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The activation that a convolution layer, of any kind, ends with: what of the forward pass its
 * gradient needs, and the gradient by its input z.
 */
final class ConvolutionActivation {

  private final ConvolutionLayer layer;
  private final Layout layout;
  private final boolean wholeBackward;

  ConvolutionActivation(ConvolutionLayer layer, Layout layout, LayerPrecision precision) {
    this.layer = layer;
    this.layout = layout;
    wholeBackward = precision.wholeBackward();
  }

  boolean isIdentity() {
    return function().getClass() == ActivationIdentity.class;
  }

  /** Whether the output is enough for the gradient. */
  boolean isKnownByOutput() {
    return wholeBackward && rectifier().filter(Rectifier::isKnownByOutput).isPresent();
  }

  /** Whether the backward pass asks for z; DL4J's own one always does. */
  boolean needsZ() {
    return !((wholeBackward && isIdentity()) || isKnownByOutput());
  }

  /**
   * The gradient by z, in the kernels' order.
   *
   * @param x z, or the output where that is enough; null for the identity
   */
  KnownGradient gradient(INDArray x, INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    if (isIdentity()) {
      return unknown(epsilon);
    }
    Optional<Rectifier> rectifier = rectifier();
    if (wholeBackward && rectifier.isPresent()) {
      return gradient(rectifier.get(), x, epsilon, create(workspaceMgr, epsilon));
    }
    // DL4J's backward pass needs z too, and activations overwrite it.
    INDArray z = wholeBackward ? x : workspaceMgr.dup(ArrayType.BP_WORKING_MEM, x);
    return unknown(function().backprop(z, epsilon).getFirst());
  }

  private KnownGradient gradient(Rectifier f, INDArray x, INDArray epsilon, INDArray delta) {
    Fp32Kernels kernels = Fp32KernelProvider.kernels();
    if (layout.channelsLast()) {
      kernels.activationBackward(f, x, epsilon, delta);
      return unknown(delta);
    }
    TensorSummary found = kernels.activationGradient(f, x, epsilon, delta, layer.hasBias());
    return new KnownGradient(layout.toKernels(delta), found);
  }

  /** NaN in place of the gradient by z: some activations have a gradient of zero at NaN. */
  KnownGradient notFinite(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    return unknown(create(workspaceMgr, epsilon).assign(Float.NaN));
  }

  private static INDArray create(LayerWorkspaceMgr workspaceMgr, INDArray like) {
    return workspaceMgr.createUninitialized(
        ArrayType.BP_WORKING_MEM, DataType.FLOAT, like.shape(), 'c');
  }

  private KnownGradient unknown(INDArray delta) {
    return KnownGradient.unknown(layout.toKernels(delta));
  }

  private Optional<Rectifier> rectifier() {
    return Rectifiers.of(function());
  }

  private IActivation function() {
    return ((BaseLayer) layer.conf().getLayer()).getActivationFn();
  }
}
