package org.dfp4j.layers.impl;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.RNNFormat;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Layers of all kinds of convolution, for tests. */
final class Kinds {

  private static final int IC = 3;
  private static final int OC = 4;

  private Kinds() {}

  /**
   * A stock layer and the shape of an input.
   *
   * @param name for messages
   * @param conf without activation
   * @param dimensions of the input
   */
  record Case(String name, ConvolutionLayer conf, List<Long> dimensions) {

    Case(String name, ConvolutionLayer conf, long... src) {
      this(name, conf, LongStream.of(src).boxed().toList());
    }

    long[] src() {
      return dimensions.stream().mapToLong(Long::longValue).toArray();
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** One forward and one backward pass; arrays are copies in C order. */
  record Run(Layer layer, INDArray output, INDArray diffSrc, INDArray gradients) {

    static Run of(
        ConvolutionLayer conf, INDArray params, INDArray src, INDArray epsilon, DataType type) {
      NeuralNetConfiguration holder = new NeuralNetConfiguration();
      holder.setLayer(conf);
      INDArray gradients = Nd4j.create(type, 1, params.length());
      Layer layer = conf.instantiate(holder, null, 0, params.castTo(type).dup(), false, type);
      layer.setBackpropGradientsViewArray(gradients);
      LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
      INDArray output = layer.activate(src.castTo(type).dup(), true, none).dup('c');
      Pair<Gradient, INDArray> back = layer.backpropGradient(epsilon.castTo(type).dup(), none);
      return new Run(layer, output, back.getSecond().dup('c'), gradients);
    }
  }

  static long parameters(ConvolutionLayer conf) {
    return conf.initializer().numParams(conf);
  }

  /** Integers from -8 to 8: products and sums of them are exact in FP32 and in DFP-16. */
  static INDArray integers(Random random, long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.putScalar(i, random.nextInt(17) - 8);
    }
    return x;
  }

  static INDArray gaussian(Random random, long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.putScalar(i, (float) random.nextGaussian());
    }
    return x;
  }

  /** The shape of the layer's output. */
  static long[] outputShape(Case layer) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(layer.conf());
    INDArray params = Nd4j.zeros(DataType.FLOAT, 1, parameters(layer.conf()));
    return layer
        .conf()
        .instantiate(holder, null, 0, params, false, DataType.FLOAT)
        .activate(Nd4j.zeros(DataType.FLOAT, layer.src()), false, LayerWorkspaceMgr.noWorkspaces())
        .shape();
  }

  static List<Case> all() {
    List<Case> all = new ArrayList<>();
    for (boolean bias : new boolean[] {true, false}) {
      for (CNN2DFormat format : CNN2DFormat.values()) {
        all.addAll(planar(bias, format));
      }
      all.addAll(sequences(bias));
      for (Convolution3D.DataFormat format : Convolution3D.DataFormat.values()) {
        all.addAll(volumes(bias, format));
      }
    }
    return all;
  }

  private static List<Case> planar(boolean bias, CNN2DFormat format) {
    List<Case> cases = new ArrayList<>();
    for (int[] s :
        new int[][] {
          // Mode: 0 same, 1 truncate, 2 strict; kernel, stride, padding, dilation.
          {0, 3, 1, 0, 1},
          {0, 3, 2, 0, 1},
          {0, 2, 1, 0, 1},
          {0, 3, 1, 0, 2},
          {1, 3, 1, 1, 1},
          {1, 3, 2, 0, 1},
          {1, 2, 2, 1, 2},
          {2, 3, 2, 1, 1},
          {1, 1, 1, 0, 1},
        }) {
      ConvolutionMode mode =
          new ConvolutionMode[] {
                ConvolutionMode.Same, ConvolutionMode.Truncate, ConvolutionMode.Strict
              }
              [s[0]];
      String name = mode + " k" + s[1] + " s" + s[2] + " p" + s[3] + " d" + s[4] + " " + format;
      name += bias ? "" : " no bias";
      long[] src = format == CNN2DFormat.NCHW ? new long[] {2, IC, 7, 9} : new long[] {2, 7, 9, IC};
      cases.add(
          new Case(
              "conv " + name,
              set(
                      new ConvolutionLayer.Builder(s[1], s[1]).dataFormat(format).nOut(OC),
                      s,
                      mode,
                      bias)
                  .build(),
              src));
      cases.add(
          new Case(
              "deconv " + name,
              set(
                      new Deconvolution2D.Builder(s[1], s[1]).dataFormat(format).nOut(OC),
                      s,
                      mode,
                      bias)
                  .build(),
              src));
      for (int multiplier : new int[] {1, 2}) {
        DepthwiseConvolution2D depthwise =
            set(
                    new DepthwiseConvolution2D.Builder(s[1], s[1])
                        .depthMultiplier(multiplier)
                        .dataFormat(format),
                    s,
                    mode,
                    bias)
                .build();
        cases.add(new Case("depthwise x" + multiplier + " " + name, depthwise, src));
        SeparableConvolution2D separable =
            set(
                    new SeparableConvolution2D.Builder(s[1], s[1])
                        .depthMultiplier(multiplier)
                        .dataFormat(format)
                        .nOut(OC),
                    s,
                    mode,
                    bias)
                .build();
        cases.add(new Case("separable x" + multiplier + " " + name, separable, src));
      }
    }
    return cases;
  }

  private static <B extends ConvolutionLayer.BaseConvBuilder<B>> B set(
      B builder, int[] s, ConvolutionMode mode, boolean bias) {
    return builder
        .nIn(IC)
        .stride(s[2], s[2])
        .padding(s[3], s[3])
        .dilation(s[4], s[4])
        .convolutionMode(mode)
        .hasBias(bias)
        .activation(Activation.IDENTITY)
        .name("layer");
  }

  private static List<Case> sequences(boolean bias) {
    List<Case> cases = new ArrayList<>();
    for (ConvolutionMode mode : ConvolutionMode.values()) {
      for (int[] s : new int[][] {{3, 1, 0, 1}, {2, 2, 0, 1}, {3, 1, 0, 2}, {3, 2, 1, 1}}) {
        boolean padded = mode == ConvolutionMode.Truncate || mode == ConvolutionMode.Strict;
        if (padded || s[2] == 0) {
          String name = mode + " k" + s[0] + " s" + s[1] + " p" + s[2] + " d" + s[3];
          long length = mode == ConvolutionMode.Strict && s[0] == 2 ? 10 : 11;
          cases.add(
              new Case(
                  "conv1d " + name + (bias ? "" : " no bias"),
                  sequence(mode, s, bias, RNNFormat.NCW),
                  2,
                  IC,
                  length));
        }
      }
    }
    return cases;
  }

  static Convolution1DLayer sequence(
      ConvolutionMode mode, int[] s, boolean bias, RNNFormat format) {
    return new Convolution1DLayer.Builder(s[0], s[1], s[2])
        .dilation(s[3])
        .rnnDataFormat(format)
        .nIn(IC)
        .nOut(OC)
        .convolutionMode(mode)
        .hasBias(bias)
        .activation(Activation.IDENTITY)
        .name("layer")
        .build();
  }

  private static List<Case> volumes(boolean bias, Convolution3D.DataFormat format) {
    List<Case> cases = new ArrayList<>();
    for (int[] s :
        new int[][] {{0, 3, 1, 0, 1}, {0, 3, 2, 0, 1}, {1, 2, 2, 1, 1}, {1, 2, 1, 0, 2}}) {
      ConvolutionMode mode = s[0] == 0 ? ConvolutionMode.Same : ConvolutionMode.Truncate;
      Convolution3D conf =
          new Convolution3D.Builder(s[1], s[1], s[1])
              .stride(s[2], s[2], s[2])
              .padding(s[3], s[3], s[3])
              .dilation(s[4], s[4], s[4])
              .convolutionMode(mode)
              .dataFormat(format)
              .nIn(IC)
              .nOut(OC)
              .hasBias(bias)
              .activation(Activation.IDENTITY)
              .name("layer")
              .build();
      String name = mode + " k" + s[1] + " s" + s[2] + " p" + s[3] + " d" + s[4] + " " + format;
      boolean first = format == Convolution3D.DataFormat.NCDHW;
      cases.add(
          new Case(
              "conv3d " + name + (bias ? "" : " no bias"),
              conf,
              first ? new long[] {2, IC, 5, 6, 7} : new long[] {2, 5, 6, 7, IC}));
    }
    return cases;
  }
}
