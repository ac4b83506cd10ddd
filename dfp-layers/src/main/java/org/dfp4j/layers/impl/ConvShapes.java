package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.util.ConvolutionUtils;
import org.dfp4j.backend.kernels.ConvShape;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The shape of a convolution, from DL4J's settings and arrays. */
final class ConvShapes {

  private ConvShapes() {}

  /**
   * Shape of the layer's three products; DL4J checks that the settings fit the input.
   *
   * @param conf kernel, stride, dilation and padding
   * @param mode {@link ConvolutionMode#Same} computes the padding, the others take the settings'
   * @param src {@code [mb, ic, ih, iw]}
   */
  static ConvShape of(ConvolutionLayer conf, ConvolutionMode mode, INDArray src) {
    int[] kernel = conf.getKernelSize();
    int[] stride = conf.getStride();
    int[] dilation = conf.getDilation();
    boolean same = mode == ConvolutionMode.Same;
    int[] out =
        ConvolutionUtils.getOutputSize(
            src, kernel, stride, same ? null : conf.getPadding(), mode, dilation, CNN2DFormat.NCHW);
    int ih = Math.toIntExact(src.size(2));
    int iw = Math.toIntExact(src.size(3));
    int[] pad =
        same
            ? ConvolutionUtils.getSameModeTopLeftPadding(
                out, new int[] {ih, iw}, kernel, stride, dilation)
            : conf.getPadding();
    return new ConvShape(
        Math.toIntExact(src.size(0)),
        Math.toIntExact(src.size(1)),
        ih,
        iw,
        Math.toIntExact(conf.getNOut()),
        out[0],
        out[1],
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        pad[0],
        pad[1],
        dilation[0],
        dilation[1]);
  }
}
