package org.dfp4j.layers.impl;

import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.SeparableConvolution2DLayer;
import org.deeplearning4j.nn.params.SeparableConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DepthwiseShape;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * DL4J's separable 2-D convolution, a depthwise one and then a 1 × 1 one, with the three products
 * of both in DFP-16.
 *
 * <p>What the first gives the second is FP32, rounded once, and becomes a DFP-16 tensor of its own;
 * so does the gradient by it.
 */
public final class Dfp16SeparableImpl extends SeparableConvolution2DLayer
    implements ConvolutionImpl {

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
  public Dfp16SeparableImpl(
      NeuralNetConfiguration conf, DataType dataType, LayerPrecision precision, Kernels kernels) {
    super(conf, Checks.isFloat(dataType, conf));
    this.products = new ConvolutionProducts(this, new Separable(), precision, kernels);
  }

  @Override
  public ConvolutionProducts convolution() {
    return products;
  }

  /** Of the layer's input, the pointwise weights and the gradient by the layer's output. */
  /** Of the input, the weights and the gradient by the output of the depthwise convolution. */
  public Map<TensorRole, TensorNumerics> depthwiseNumerics() {
    return products.numerics(0);
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

  /** A filter of its own for each channel, and then one product over the channels. */
  private final class Separable implements ConvolutionKind {

    @Override
    public Layout layout() {
      return new Layout(4, layerConf().getCnn2dDataFormat() == CNN2DFormat.NHWC);
    }

    @Override
    public List<Step> steps() {
      return List.of(new Depthwise(), new Pointwise());
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
      return Dfp16SeparableImpl.super.backpropGradient(epsilon, workspaceMgr);
    }

    @Override
    public INDArray finish(INDArray diffSrc) {
      weightNoiseParams.clear();
      return backpropDropOutIfPresent(diffSrc);
    }
  }

  /** The first convolution. */
  private final class Depthwise implements ConvolutionKind.Step {

    @Override
    public String part() {
      return ", depthwise part";
    }

    @Override
    public String weights() {
      return SeparableConvolutionParamInitializer.DEPTH_WISE_WEIGHT_KEY;
    }

    @Override
    public INDArray view(INDArray weights) {
      // [multiplier, ic, kh, kw]
      return weights.permute(1, 0, 2, 3);
    }

    @Override
    public Geometry geometry(INDArray src, INDArray weights) {
      return new Geometry.Direct(shape(src, weights));
    }

    private DepthwiseShape shape(INDArray src, INDArray weights) {
      Checks.channels(Dfp16SeparableImpl.this, weights.size(0), src);
      int multiplier = Math.toIntExact(weights.size(1));
      return ConvShapes.depthwise(layerConf(), multiplier, convolutionMode, src);
    }

    @Override
    public INDArray fp32Forward(INDArray src, INDArray weights) {
      DepthwiseShape s = shape(src, weights);
      INDArray dst = Nd4j.createUninitialized(DataType.FLOAT, s.dstShape(), 'c');
      boolean same = convolutionMode == ConvolutionMode.Same;
      Nd4j.exec(
          DynamicCustomOp.builder("depthwise_conv2d")
              .addInputs(src, weights.permute(2, 3, 0, 1))
              .addIntegerArguments(
                  s.kh(), s.kw(), s.sh(), s.sw(), s.ph(), s.pw(), s.dh(), s.dw(), same ? 1 : 0, 0)
              .addOutputs(dst)
              .build());
      return dst;
    }
  }

  /** The second convolution. */
  private static final class Pointwise implements ConvolutionKind.Step {

    @Override
    public String part() {
      return ", pointwise part";
    }

    @Override
    public String weights() {
      return SeparableConvolutionParamInitializer.POINT_WISE_WEIGHT_KEY;
    }

    @Override
    public Geometry geometry(INDArray src, INDArray weights) {
      int ih = Math.toIntExact(src.size(2));
      int iw = Math.toIntExact(src.size(3));
      return new Geometry.Direct(
          new ConvShape(
              Math.toIntExact(src.size(0)),
              Math.toIntExact(src.size(1)),
              ih,
              iw,
              Math.toIntExact(weights.size(0)),
              ih,
              iw,
              1,
              1,
              1,
              1,
              0,
              0,
              1,
              1));
    }

    @Override
    public INDArray fp32BackwardData(INDArray delta, INDArray weights) {
      long oc = weights.size(0);
      long ic = weights.size(1);
      INDArray rows = delta.permute(0, 2, 3, 1).dup('c').reshape('c', delta.length() / oc, oc);
      return rows.mmul(weights.reshape('c', oc, ic))
          .dup('c')
          .reshape('c', delta.size(0), delta.size(2), delta.size(3), ic)
          .permute(0, 3, 1, 2);
    }
  }
}
