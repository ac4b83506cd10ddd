package org.dfp4j.layers.impl;

import java.util.List;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** DL4J's 2-D convolution with its three products in DFP-16. */
public final class Dfp16ConvolutionImpl extends ConvolutionLayer implements ConvolutionImpl {

  private static final long serialVersionUID = 1L;

  private final transient ConvolutionProducts products;

  /**
   * A layer without parameters yet.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param precision how DFP-16 is used
   * @param kernels run the products
   */
  public Dfp16ConvolutionImpl(
      NeuralNetConfiguration conf, DataType dataType, LayerPrecision precision, Kernels kernels) {
    super(conf, Checks.isFloat(dataType, conf));
    this.products = new ConvolutionProducts(this, new Planar(), precision, kernels);
  }

  @Override
  public ConvolutionProducts convolution() {
    return products;
  }

  /** Whether this layer can compute its input itself while it quantizes it. */
  boolean takesDeferred() {
    return products.takesDeferred();
  }

  /** Says what the input of the next training step stands for: this function of its values. */
  void readInputAs(Pointwise function) {
    products.readInputAs(function);
  }

  /** Says where the next backward pass writes the gradient by the input. */
  void writeInputGradientTo(INDArray diffSrc) {
    products.writeInputGradientTo(diffSrc);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    return products.activated(super.activate(training, workspaceMgr), training);
  }

  @Override
  protected Pair<INDArray, INDArray> preOutput(
      boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
    if (!precision().forward()) {
      return super.preOutput(training, forBackprop, workspaceMgr);
    }
    assertInputSet(forBackprop);
    return new Pair<>(products.preOutput(training, forBackprop, workspaceMgr), null);
  }

  @Override
  public INDArray getGradientsViewArray() {
    return LayerGradients.of(super.getGradientsViewArray());
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    return products.backprop(epsilon, workspaceMgr);
  }

  @Override
  protected INDArray backpropDropOutIfPresent(INDArray epsilon) {
    return products.deferDropout() ? epsilon : super.backpropDropOutIfPresent(epsilon);
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

  /** A convolution of images. */
  private final class Planar implements ConvolutionKind, ConvolutionKind.Step {

    @Override
    public Layout layout() {
      return new Layout(4, layerConf().getCnn2dDataFormat() == CNN2DFormat.NHWC);
    }

    @Override
    public List<Step> steps() {
      return List.of(this);
    }

    @Override
    public Geometry geometry(INDArray src, INDArray weights) {
      validateInputRank();
      validateInputDepth(weights.size(1));
      return new Geometry.Direct(ConvShapes.of(layerConf(), convolutionMode, src));
    }

    @Override
    public INDArray parameter(String name, boolean training, LayerWorkspaceMgr workspaceMgr) {
      return getParamWithNoise(name, training, workspaceMgr);
    }

    @Override
    public INDArray gradientView(String name) {
      return gradientViews.get(name);
    }

    @Override
    public INDArray z(LayerWorkspaceMgr workspaceMgr) {
      return preOutput(true, true, workspaceMgr).getFirst();
    }

    @Override
    public Pair<Gradient, INDArray> stockBackprop(
        INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
      return Dfp16ConvolutionImpl.super.backpropGradient(epsilon, workspaceMgr);
    }

    @Override
    public INDArray finish(INDArray diffSrc) {
      weightNoiseParams.clear();
      return backpropDropOutIfPresent(diffSrc);
    }
  }
}
