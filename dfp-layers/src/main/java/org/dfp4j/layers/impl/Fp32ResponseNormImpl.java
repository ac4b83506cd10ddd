package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.ResponseNorm;
import org.dfp4j.backend.fp32.ResponseNormKernels;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's local response normalization on FP32 kernels. Kernels see NCHW; NHWC arrays are permuted
 * views.
 */
public final class Fp32ResponseNormImpl extends LocalResponseNormalization {

  private static final long serialVersionUID = 1L;

  private final transient ResponseNorm norm;
  private final transient ResponseNormKernels kernels;

  /**
   * A layer.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param norm the settings of the configuration
   * @param kernels compute it
   */
  public Fp32ResponseNormImpl(
      NeuralNetConfiguration conf,
      DataType dataType,
      ResponseNorm norm,
      ResponseNormKernels kernels) {
    super(conf, Checks.isFp32(dataType, conf));
    this.norm = norm;
    this.kernels = kernels;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    INDArray dst =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATIONS, dataType, input.shape(), input.ordering());
    kernels.normalize(norm, toNchw(input.castTo(dataType)), toNchw(dst));
    return dst;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    INDArray diffSrc =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATION_GRAD, dataType, epsilon.shape(), epsilon.ordering());
    kernels.backward(
        norm, toNchw(input.castTo(dataType)), toNchw(epsilon.castTo(dataType)), toNchw(diffSrc));
    return new Pair<>(new DefaultGradient(), diffSrc);
  }

  /** The array in the kernels' order of dimensions: itself, or a view of it. */
  private INDArray toNchw(INDArray x) {
    return layerConf().getDataFormat() == CNN2DFormat.NHWC ? x.permute(0, 3, 1, 2) : x;
  }
}
