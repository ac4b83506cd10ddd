package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.layers.MixedPrecision;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** The norm by which DL4J clips and renormalizes a layer's gradients does not depend on threads. */
class LayerGradientsTest {

  private static final int WIDE = 400;

  private static void fill(INDArray values) {
    Random random = new Random(Nets.SEED);
    for (long i = 0; i < values.length(); i++) {
      values.putScalar(i, random.nextGaussian());
    }
  }

  /** The sum in double is right to 29 bits or more, so that its rounding to 24 is the only one. */
  private static double norm(INDArray values) {
    double squares = 0;
    for (float value : values.dup().data().asFloat()) {
      squares += (double) value * value;
    }
    return (float) Math.sqrt(squares);
  }

  record Case(
      org.deeplearning4j.nn.conf.layers.Layer layer, InputType input, Class<?> implementation) {

    @Override
    public String toString() {
      return implementation.getSimpleName();
    }
  }

  static Stream<Case> layers() {
    InputType images = InputType.convolutional(6, 6, WIDE);
    return Stream.of(
        new Case(
            new ConvolutionLayer.Builder(1, 1).nOut(WIDE).build(),
            images,
            Dfp16ConvolutionImpl.class),
        new Case(
            new Deconvolution2D.Builder(1, 1).nOut(WIDE).build(),
            images,
            Dfp16Deconvolution2DImpl.class),
        new Case(
            new DepthwiseConvolution2D.Builder(3, 3).depthMultiplier(8).build(),
            images,
            Dfp16DepthwiseImpl.class),
        new Case(
            new SeparableConvolution2D.Builder(1, 1).nOut(WIDE).build(),
            images,
            Dfp16SeparableImpl.class),
        new Case(
            new Convolution1DLayer.Builder(3).nOut(WIDE).build(),
            InputType.recurrent(WIDE, 6),
            Dfp16Convolution1DImpl.class),
        new Case(
            new Convolution3D.Builder(1, 1, 1).nOut(WIDE).build(),
            InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, 3, 3, 3, WIDE),
            Dfp16Convolution3DImpl.class),
        new Case(
            new DenseLayer.Builder().nOut(WIDE).build(),
            InputType.feedForward(WIDE),
            Dfp16DenseImpl.class),
        new Case(
            new OutputLayer.Builder().nOut(WIDE).build(),
            InputType.feedForward(WIDE),
            Dfp16OutputImpl.class),
        new Case(
            new BatchNormalization(), InputType.feedForward(100 * WIDE), Fp32BatchNormImpl.class));
  }

  @ParameterizedTest
  @MethodSource("layers")
  void everyLayersNormIsExactButForOneRounding(Case each) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            MixedPrecision.dfp16()
                .convert(
                    Nets.defaults(new Sgd(0.1))
                        .list(each.layer())
                        .setInputType(each.input())
                        .build()));
    network.init();
    network.initGradientsView();
    Layer layer = network.getLayer(0);
    assertEquals(each.implementation(), layer.getClass());
    fill(network.getFlattenedGradients());
    assertEquals(
        norm(network.getFlattenedGradients()),
        layer.getGradientsViewArray().norm2Number().doubleValue(),
        "seed " + Nets.SEED);
  }

  @Test
  void allElseIsTheArrays() {
    INDArray gradients = Nd4j.create(DataType.FLOAT, 1, 10);
    fill(gradients);
    INDArray expected = gradients.div(3);
    INDArray view = LayerGradients.of(gradients);
    view.divi(3);
    assertEquals(expected, gradients);
    assertEquals(gradients.data().pointer().address(), view.data().pointer().address());
    assertNull(LayerGradients.of(null));
  }
}
