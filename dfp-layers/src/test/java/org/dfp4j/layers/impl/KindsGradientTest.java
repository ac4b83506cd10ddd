package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.gradientcheck.GradientCheckUtil;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.GlobalPoolingLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.layers.Dfp16;
import org.dfp4j.layers.conf.Dfp16Layer;
import org.dfp4j.layers.impl.Kinds.Case;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.NoOp;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * The FP64 layers that DFP-16 is compared with have right gradients: those of each kind that comes
 * back from its DFP-16 form, by finite differences.
 */
class KindsGradientTest {

  /** The check asks for it. */
  @BeforeAll
  static void doublesByDefault() {
    Nd4j.setDefaultDataTypes(DataType.DOUBLE, DataType.DOUBLE);
  }

  @AfterAll
  static void floatsByDefault() {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
  }

  static Stream<Case> kinds() {
    return KindsTest.oneOfEach();
  }

  private static InputType inputType(Case kind) {
    if (kind.conf() instanceof Convolution1DLayer) {
      return InputType.recurrent(kind.src()[1], kind.src()[2]);
    }
    long[] s = kind.src();
    return kind.conf() instanceof Convolution3D
        ? InputType.convolutional3D(Convolution3D.DataFormat.NCDHW, s[2], s[3], s[4], s[1])
        : InputType.convolutional(s[2], s[3], s[1], CNN2DFormat.NCHW);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void finiteDifferencesAgree(Case kind) {
    Layer layer = ((Dfp16Layer) Dfp16.layer(kind.conf())).toStock();
    MultiLayerNetwork net =
        new MultiLayerNetwork(
            Nets.defaults(new NoOp())
                .dataType(DataType.DOUBLE)
                .activation(Activation.TANH)
                .list()
                .layer(layer)
                .layer(new GlobalPoolingLayer(PoolingType.AVG))
                .layer(
                    new OutputLayer.Builder(LossFunction.MSE)
                        .nOut(2)
                        .activation(Activation.IDENTITY)
                        .build())
                .setInputType(inputType(kind))
                .build());
    net.init();
    Random random = new Random(Nets.SEED);
    INDArray input = Kinds.gaussian(random, kind.src()).castTo(DataType.DOUBLE);
    INDArray labels = Kinds.gaussian(random, kind.src()[0], 2).castTo(DataType.DOUBLE);
    assertTrue(
        GradientCheckUtil.checkGradients(
            new GradientCheckUtil.MLNConfig()
                .net(net)
                .input(input)
                .labels(labels)
                .epsilon(1e-6)
                .maxRelError(1e-5)
                .minAbsoluteError(1e-9)),
        kind.name());
  }
}
