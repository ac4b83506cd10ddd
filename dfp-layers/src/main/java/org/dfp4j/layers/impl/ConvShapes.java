package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.util.Convolution1DUtils;
import org.deeplearning4j.util.Convolution3DUtils;
import org.deeplearning4j.util.ConvolutionUtils;
import org.dfp4j.backend.kernels.Conv3dShape;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DepthwiseShape;
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

  /**
   * Shape of a depthwise convolution.
   *
   * @param src {@code [mb, ic, ih, iw]}
   */
  static DepthwiseShape depthwise(
      ConvolutionLayer conf, int multiplier, ConvolutionMode mode, INDArray src) {
    ConvShape s = of(conf, mode, src);
    return new DepthwiseShape(
        s.mb(),
        s.ic(),
        s.ih(),
        s.iw(),
        multiplier,
        s.oh(),
        s.ow(),
        s.kh(),
        s.kw(),
        s.sh(),
        s.sw(),
        s.ph(),
        s.pw(),
        s.dh(),
        s.dw());
  }

  /**
   * Shape of the convolution that a transposed one is the transpose of.
   *
   * @param src {@code [mb, ic, ih, iw]}, the convolution's dst
   */
  static ConvShape transposed(ConvolutionLayer conf, ConvolutionMode mode, INDArray src) {
    int[] kernel = conf.getKernelSize();
    int[] stride = conf.getStride();
    int[] dilation = conf.getDilation();
    int[] out =
        ConvolutionUtils.getDeconvolutionOutputSize(
            src, kernel, stride, conf.getPadding(), mode, dilation, CNN2DFormat.NCHW);
    int[] in = {Math.toIntExact(src.size(2)), Math.toIntExact(src.size(3))};
    int[] pad =
        mode == ConvolutionMode.Same
            ? ConvolutionUtils.getSameModeTopLeftPadding(in, out, kernel, stride, dilation)
            : conf.getPadding();
    return new ConvShape(
        Math.toIntExact(src.size(0)),
        Math.toIntExact(conf.getNOut()),
        out[0],
        out[1],
        Math.toIntExact(src.size(1)),
        in[0],
        in[1],
        kernel[0],
        kernel[1],
        stride[0],
        stride[1],
        pad[0],
        pad[1],
        dilation[0],
        dilation[1]);
  }

  /**
   * Shape of a 1-D convolution: one row of an image.
   *
   * @param src {@code [mb, ic, 1, length]}
   */
  static ConvShape sequence(Convolution1DLayer conf, ConvolutionMode mode, INDArray src) {
    int kernel = conf.getKernelSize()[0];
    int stride = conf.getStride()[0];
    int dilation = conf.getDilation()[0];
    int in = Math.toIntExact(src.size(3));
    int extent = Convolution1DUtils.effectiveKernelSize(kernel, dilation);
    int pad = conf.getPadding()[0];
    Convolution1DUtils.validateShapes(
        src, extent, stride, pad, mode, dilation, in, extent == kernel);
    int out =
        Math.toIntExact(Convolution1DUtils.getOutputSize(in, kernel, stride, pad, mode, dilation));
    int left =
        switch (mode) {
          case Same ->
              Convolution1DUtils.getSameModeTopLeftPadding(out, in, kernel, stride, dilation);
          case Causal -> extent - 1;
          case Strict, Truncate -> pad;
        };
    return new ConvShape(
        Math.toIntExact(src.size(0)),
        Math.toIntExact(src.size(1)),
        1,
        in,
        Math.toIntExact(conf.getNOut()),
        1,
        out,
        1,
        kernel,
        1,
        stride,
        0,
        left,
        1,
        dilation);
  }

  /**
   * Shape of a 3-D convolution.
   *
   * @param src {@code [mb, ic, id, ih, iw]}
   */
  static Conv3dShape volume(Convolution3D conf, ConvolutionMode mode, INDArray src) {
    int[] kernel = conf.getKernelSize();
    int[] stride = conf.getStride();
    int[] dilation = conf.getDilation();
    int[] in = new int[3];
    for (int i = 0; i < in.length; i++) {
      in[i] = Math.toIntExact(src.size(2 + i));
    }
    int[] out =
        Convolution3DUtils.get3DOutputSize(
            src, kernel, stride, conf.getPadding(), mode, dilation, true);
    int[] pad =
        mode == ConvolutionMode.Same
            ? Convolution3DUtils.get3DSameModeTopLeftPadding(out, in, kernel, stride, dilation)
            : conf.getPadding();
    ConvShape slice =
        new ConvShape(
            Math.toIntExact(src.size(0)),
            Math.toIntExact(src.size(1)),
            in[1],
            in[2],
            Math.toIntExact(conf.getNOut()),
            out[1],
            out[2],
            kernel[1],
            kernel[2],
            stride[1],
            stride[2],
            pad[1],
            pad[2],
            dilation[1],
            dilation[2]);
    return new Conv3dShape(slice, in[0], out[0], kernel[0], stride[0], pad[0], dilation[0]);
  }
}
