package org.dfp4j.layers.impl;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.feedforward.dense.DenseLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNorm;
import org.nd4j.linalg.api.ops.impl.transforms.custom.LayerNormBp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's fully connected layer with its three products in DFP-16.
 *
 * <p>A training iteration quantizes src, weights and diffDst once each and runs each product once.
 */
public final class Dfp16DenseImpl extends DenseLayer implements Dfp16Impl {

  private static final long serialVersionUID = 1L;

  private final transient DenseProducts products;

  /**
   * A layer without parameters yet.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param precision how DFP-16 is used
   * @param kernels run the products
   */
  public Dfp16DenseImpl(
      NeuralNetConfiguration conf, DataType dataType, LayerPrecision precision, Kernels kernels) {
    super(conf, Checks.isFloat(dataType, conf));
    this.products = new DenseProducts(this, precision, kernels);
  }

  /** Lets a test count the products. */
  void useKernels(Kernels kernels) {
    products.useKernels(kernels);
  }

  @Override
  public LayerPrecision precision() {
    return products.precision();
  }

  @Override
  public Map<TensorRole, TensorNumerics> numerics() {
    return products.numerics();
  }

  @Override
  public Map<Pass, ProductTime> products() {
    return products.products();
  }

  @Override
  public void sampleAt(int iteration) {
    products.sampleAt(iteration);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    INDArray output = super.activate(training, workspaceMgr);
    // Some activations turn NaN into a number.
    return products.finite() ? output : output.assign(Float.NaN);
  }

  @Override
  protected Pair<INDArray, INDArray> preOutputWithPreNorm(
      boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
    if (!precision().forward()) {
      return super.preOutputWithPreNorm(training, forBackprop, workspaceMgr);
    }
    assertInputSet(forBackprop);
    applyDropOutIfNecessary(training, workspaceMgr);
    INDArray weights =
        getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, training, workspaceMgr);
    INDArray bias = getParamWithNoise(DefaultParamInitializer.BIAS_KEY, training, workspaceMgr);
    INDArray z = products.forward(input.castTo(dataType), weights, training, workspaceMgr);
    INDArray preNorm = z;
    if (hasLayerNorm()) {
      preNorm = forBackprop ? z.dup() : z;
      INDArray gain = getParam(DefaultParamInitializer.GAIN_KEY);
      Nd4j.getExecutioner().exec(new LayerNorm(preNorm, gain, z, true, 1));
    }
    if (hasBias()) {
      z.addiRowVector(bias);
    }
    if (maskArray != null) {
      applyMask(z);
    }
    return new Pair<>(z, preNorm);
  }

  @Override
  public INDArray getGradientsViewArray() {
    return LayerGradients.of(super.getGradientsViewArray());
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    try {
      if (!precision().backwardData() && !precision().backwardWeights()) {
        return super.backpropGradient(epsilon, workspaceMgr);
      }
      return dfpBackprop(epsilon.castTo(dataType), workspaceMgr);
    } finally {
      products.release();
    }
  }

  private Pair<Gradient, INDArray> dfpBackprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    Pair<INDArray, INDArray> forward = preOutputWithPreNorm(true, true, workspaceMgr);
    INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, true, workspaceMgr);
    INDArray delta = delta(forward.getFirst(), epsilon, workspaceMgr);
    Gradient gradient = new DefaultGradient();
    if (hasBias()) {
      INDArray diffBias = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
      delta.sum(diffBias, 0);
      gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, diffBias);
    }
    if (hasLayerNorm()) {
      INDArray gain = getParam(DefaultParamInitializer.GAIN_KEY);
      INDArray diffGain = gradientViews.get(DefaultParamInitializer.GAIN_KEY);
      Nd4j.getExecutioner()
          .exec(new LayerNormBp(forward.getSecond(), gain, delta, delta, diffGain, true, 1));
      gradient.setGradientFor(DefaultParamInitializer.GAIN_KEY, diffGain);
    }
    INDArray diffWeights = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
    INDArray diffSrc =
        products.backward(input.castTo(dataType), weights, delta, diffWeights, workspaceMgr);
    gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, diffWeights);
    weightNoiseParams.clear();
    return new Pair<>(gradient, backpropDropOutIfPresent(diffSrc));
  }

  private INDArray delta(INDArray z, INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    if (!products.finite()) {
      // Some activations have a gradient of zero at NaN.
      return z.assign(Float.NaN);
    }
    INDArray delta = layerConf().getActivationFn().backprop(z, epsilon).getFirst();
    if (delta == epsilon && (maskArray != null || hasLayerNorm())) {
      // Both work in place, and epsilon belongs to another layer.
      delta = workspaceMgr.dup(ArrayType.BP_WORKING_MEM, delta);
    }
    if (maskArray != null) {
      applyMask(delta);
    }
    return delta;
  }

  @Override
  public void clear() {
    super.clear();
    products.release();
  }

  @Override
  public void close() {
    super.close();
    products.close();
  }
}
