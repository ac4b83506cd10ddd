package org.dfp4j.layers.impl;

import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.OutputLayer;
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

/**
 * DL4J's output layer with its three products in DFP-16; the loss stays FP32.
 *
 * <p>DL4J asks for the forward product in backprop and again for the score; it runs once.
 */
public final class Dfp16OutputImpl extends OutputLayer implements Dfp16Impl {

  private static final long serialVersionUID = 1L;

  private final transient DenseProducts products;

  /** What DL4J last added to the score for regularization. */
  private transient double regularization;

  /** True between a backward pass and the score that ends the iteration. */
  private transient boolean scorePending;

  /**
   * A layer without parameters yet.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param precision how DFP-16 is used
   * @param kernels run the products
   */
  public Dfp16OutputImpl(
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
    if (hasBias()) {
      z.addiRowVector(bias);
    }
    if (maskArray != null) {
      applyMask(z);
    }
    return new Pair<>(z, z);
  }

  @Override
  public INDArray getGradientsViewArray() {
    return LayerGradients.of(super.getGradientsViewArray());
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    scorePending = true;
    if (!precision().backwardData() && !precision().backwardWeights()) {
      return super.backpropGradient(epsilon, workspaceMgr);
    }
    // Weight noise stays: the score needs the same weights. DL4J clears it after that.
    Pair<Gradient, INDArray> result = dfpBackprop(workspaceMgr);
    result.setSecond(backpropDropOutIfPresent(result.getSecond()));
    return result;
  }

  private Pair<Gradient, INDArray> dfpBackprop(LayerWorkspaceMgr workspaceMgr) {
    INDArray z = preOutput2d(true, workspaceMgr);
    INDArray weights = getParamWithNoise(DefaultParamInitializer.WEIGHT_KEY, true, workspaceMgr);
    INDArray labels2d = getLabels2d(workspaceMgr, ArrayType.BP_WORKING_MEM);
    // Some activations have a gradient of zero at NaN.
    INDArray delta =
        products.finite()
            ? layerConf()
                .getLossFn()
                .computeGradient(labels2d, z, layerConf().getActivationFn(), maskArray)
            : z.assign(Float.NaN);
    Gradient gradient = new DefaultGradient();
    INDArray diffWeights = gradientViews.get(DefaultParamInitializer.WEIGHT_KEY);
    INDArray diffSrc =
        products.backward(input.castTo(dataType), weights, delta, diffWeights, workspaceMgr);
    gradient.setGradientFor(DefaultParamInitializer.WEIGHT_KEY, diffWeights);
    if (hasBias()) {
      INDArray diffBias = gradientViews.get(DefaultParamInitializer.BIAS_KEY);
      delta.sum(diffBias, 0);
      gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, diffBias);
    }
    return new Pair<>(gradient, diffSrc);
  }

  @Override
  public void computeGradientAndScore(LayerWorkspaceMgr workspaceMgr) {
    if (!precision().backwardWeights()) {
      super.computeGradientAndScore(workspaceMgr);
    } else if (input != null && labels != null) {
      gradient = dfpBackprop(workspaceMgr).getFirst();
      scorePending = true;
      score = computeScore(regularization, true, workspaceMgr);
    }
  }

  @Override
  public double computeScore(
      double fullNetRegTerm, boolean training, LayerWorkspaceMgr workspaceMgr) {
    regularization = fullNetRegTerm;
    double result = super.computeScore(fullNetRegTerm, training, workspaceMgr);
    if (!products.finite()) {
      result = Double.NaN;
      score = result;
    }
    if (scorePending) {
      products.release();
      scorePending = false;
    }
    return result;
  }

  @Override
  public INDArray computeScoreForExamples(double fullNetRegTerm, LayerWorkspaceMgr workspaceMgr) {
    INDArray scores = super.computeScoreForExamples(fullNetRegTerm, workspaceMgr);
    return products.finite() ? scores : scores.assign(Float.NaN);
  }

  @Override
  public void clear() {
    super.clear();
    products.release();
    regularization = 0;
    scorePending = false;
  }

  @Override
  public void close() {
    super.close();
    products.close();
  }
}
