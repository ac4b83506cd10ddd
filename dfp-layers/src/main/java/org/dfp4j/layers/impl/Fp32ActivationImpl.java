package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.Fp32Kernels;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Rectifier;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's activation layer on FP32 kernels: one pass over the input, from where it is to where the
 * output goes.
 */
public final class Fp32ActivationImpl extends ActivationLayer {

  private static final long serialVersionUID = 1L;

  private final transient Rectifier function;
  private final transient Fp32Kernels kernels;

  /** Of an input that nobody has written: the output, which the gradient is known by. */
  private transient INDArray output;

  /**
   * A layer.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param function the activation function of the configuration
   * @param kernels compute it
   */
  public Fp32ActivationImpl(
      NeuralNetConfiguration conf, DataType dataType, Rectifier function, Fp32Kernels kernels) {
    super(conf, Checks.isFp32(dataType, conf));
    this.function = function;
    this.kernels = kernels;
  }

  Rectifier function() {
    return function;
  }

  /** As the other {@code activate}, of an input that nobody has written. */
  INDArray activate(DeferredTensor x, LayerWorkspaceMgr workspaceMgr) {
    output = workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.x().shape(), 'c');
    kernels.write(x.then(function), output);
    return output;
  }

  /**
   * {@code diffSrc = f'(x)·epsilon} where {@code y = f(x)}; see {@link Rectifier#isKnownByOutput}.
   */
  void backpropByOutput(INDArray y, INDArray epsilon, INDArray diffSrc) {
    kernels.activationBackward(function, y, epsilon.castTo(dataType), diffSrc);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    output = null;
    INDArray x = input.castTo(dataType);
    INDArray y =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType, x.shape(), x.ordering());
    kernels.activation(function, x, y);
    return y;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    INDArray x = output == null ? input.castTo(dataType) : output;
    INDArray diffSrc =
        workspaceMgr.createUninitialized(
            ArrayType.ACTIVATION_GRAD, dataType, x.shape(), x.ordering());
    kernels.activationBackward(function, x, epsilon.castTo(dataType), diffSrc);
    return new Pair<>(new DefaultGradient(), diffSrc);
  }

  @Override
  public void clear() {
    super.clear();
    output = null;
  }
}
