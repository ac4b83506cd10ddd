package org.dfp4j.layers.impl;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.subsampling.SubsamplingLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.PoolKernels;
import org.dfp4j.backend.fp32.Pooling;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's max and average pooling on FP32 kernels, with its bits. Kernels see NCHW; NHWC arrays are
 * permuted views.
 */
public final class Fp32SubsamplingImpl extends SubsamplingLayer {

  private static final long serialVersionUID = 1L;

  private final transient PoolKernels kernels;

  /**
   * A layer.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param kernels compute it
   */
  public Fp32SubsamplingImpl(NeuralNetConfiguration conf, DataType dataType, PoolKernels kernels) {
    super(conf, Checks.isFp32(dataType, conf));
    this.kernels = kernels;
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(false);
    INDArray src = src();
    Pooling how = pooling(src);
    INDArray dst =
        create(workspaceMgr, ArrayType.ACTIVATIONS, src.size(0), src.size(1), how.oh(), how.ow());
    kernels.pool(how, src, toNchw(dst));
    return dst;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    INDArray src = src();
    INDArray diffSrc = create(workspaceMgr, ArrayType.ACTIVATION_GRAD, src.shape());
    kernels.poolBackward(pooling(src), src, toNchw(epsilon.castTo(dataType)), toNchw(diffSrc));
    return new Pair<>(new DefaultGradient(), diffSrc);
  }

  /** The input, {@code [mb, c, ih, iw]}. */
  private INDArray src() {
    if (input.rank() != 4) {
      throw new DL4JInvalidInputException(
          String.format(
              "src: expected 4 dimensions (%s), got shape %s (layer %s)",
              layerConf().getCnn2dDataFormat().dimensionNames(),
              Arrays.toString(input.shape()),
              layerConf().getLayerName()));
    }
    return toNchw(input.castTo(dataType));
  }

  private Pooling pooling(INDArray src) {
    int[] in = {Math.toIntExact(src.size(2)), Math.toIntExact(src.size(3))};
    int[] kernel = layerConf().getKernelSize();
    int[] stride = layerConf().getStride();
    int[] out = new int[2];
    int[] padding = new int[2];
    for (int i = 0; i < 2; i++) {
      if (convolutionMode == ConvolutionMode.Same) {
        out[i] = (in[i] + stride[i] - 1) / stride[i];
        // What is odd goes below and to the right.
        padding[i] = ((out[i] - 1) * stride[i] + kernel[i] - in[i]) / 2;
      } else {
        padding[i] = layerConf().getPadding()[i];
        out[i] = (in[i] + 2 * padding[i] - kernel[i]) / stride[i] + 1;
      }
    }
    return new Pooling(
        kind(),
        in[0],
        in[1],
        out[0],
        out[1],
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        padding[0],
        padding[1]);
  }

  private Pooling.Kind kind() {
    if (layerConf().getPoolingType() == PoolingType.MAX) {
      return Pooling.Kind.MAX;
    }
    return layerConf().isAvgPoolIncludePadInDivisor()
        ? Pooling.Kind.AVERAGE_OF_WINDOW
        : Pooling.Kind.AVERAGE;
  }

  private boolean isNhwc() {
    return layerConf().getCnn2dDataFormat() == CNN2DFormat.NHWC;
  }

  /** The array in the kernels' order of dimensions: itself, or a view of it. */
  private INDArray toNchw(INDArray x) {
    return isNhwc() ? x.permute(0, 3, 1, 2) : x;
  }

  /** A new array in the layer's data format, for values of the given NCHW shape. */
  private INDArray create(LayerWorkspaceMgr workspaceMgr, ArrayType type, long... nchw) {
    long[] shape = isNhwc() ? new long[] {nchw[0], nchw[2], nchw[3], nchw[1]} : nchw;
    return workspaceMgr.createUninitialized(type, dataType, shape, 'c');
  }
}
