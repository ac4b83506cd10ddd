package org.dfp4j.layers.impl;

import java.util.List;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.Convolution3DLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's 3-D convolution with its three products in DFP-16.
 *
 * <p>The gradient by the input passes through dropout, which DL4J's own layer leaves out.
 */
public final class Dfp16Convolution3DImpl extends Convolution3DLayer implements ConvolutionImpl {

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
  public Dfp16Convolution3DImpl(
      NeuralNetConfiguration conf, DataType dataType, LayerPrecision precision, Kernels kernels) {
    super(conf, Checks.isFloat(dataType, conf));
    this.products = new ConvolutionProducts(this, new Volume(), precision, kernels);
  }

  @Override
  public ConvolutionProducts convolution() {
    return products;
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
  public void clear() {
    super.clear();
    products.release();
  }

  @Override
  public void close() {
    super.close();
    products.close();
  }

  private Convolution3D settings() {
    return (Convolution3D) layerConf();
  }

  /** A convolution of volumes. */
  private final class Volume implements ConvolutionKind, ConvolutionKind.Step {

    @Override
    public Layout layout() {
      return new Layout(5, settings().getDataFormat() == Convolution3D.DataFormat.NDHWC);
    }

    @Override
    public List<Step> steps() {
      return List.of(this);
    }

    @Override
    public Geometry geometry(INDArray src, INDArray weights) {
      Checks.channels(Dfp16Convolution3DImpl.this, weights.size(1), src);
      return new Geometry.Direct(ConvShapes.volume(settings(), convolutionMode, src));
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
      return Dfp16Convolution3DImpl.super.backpropGradient(epsilon, workspaceMgr);
    }

    @Override
    public INDArray finish(INDArray diffSrc) {
      weightNoiseParams.clear();
      return backpropDropOutIfPresent(diffSrc);
    }
  }
}
