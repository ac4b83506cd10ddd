package org.dfp4j.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.ops.ConvolutionSpec;
import org.dfp4j.backend.ops.DfpConv2d;
import org.dfp4j.backend.ops.DfpConv2dBp;
import org.dfp4j.backend.ops.DfpMatmul;
import org.dfp4j.backend.ops.DfpMatmulBp;
import org.dfp4j.backend.ops.OpPrecision;
import org.dfp4j.layers.Dfp16;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.common.primitives.Pair;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;

/** The ND4J ops and the DL4J layers in DFP-16 give the same bits for the same arrays. */
class OpsAndLayersTest {

  private static final int SEED = 23;

  static Stream<Arguments> convolutions() {
    return Stream.of(
        Arguments.of(CNN2DFormat.NCHW, ConvolutionMode.Truncate, 2, 1, 1),
        Arguments.of(CNN2DFormat.NCHW, ConvolutionMode.Same, 2, 1, 0),
        Arguments.of(CNN2DFormat.NHWC, ConvolutionMode.Same, 1, 2, 0),
        Arguments.of(CNN2DFormat.NHWC, ConvolutionMode.Truncate, 1, 1, 2));
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolutions(
      CNN2DFormat format, ConvolutionMode mode, int stride, int dilation, int padding) {
    boolean channelsLast = format == CNN2DFormat.NHWC;
    MultiLayerNetwork network =
        network(
            new ConvolutionLayer.Builder(3, 2)
                .stride(stride, stride)
                .dilation(dilation, dilation)
                .padding(padding, padding)
                .convolutionMode(mode)
                .dataFormat(format)
                .nOut(5)
                .activation(Activation.IDENTITY)
                .biasInit(0.5)
                .build(),
            InputType.convolutional(11, 9, 4, format));
    INDArray x = channelsLast ? random(3, 11, 9, 4) : random(3, 4, 11, 9);
    Map<String, INDArray> parameters = network.getLayer(0).paramTable();
    INDArray output = forward(network, x);
    INDArray epsilon = random(output.shape());
    Pair<Gradient, INDArray> gradients = backward(network, epsilon);

    ConvolutionSpec spec =
        new ConvolutionSpec(
            3,
            2,
            stride,
            stride,
            padding,
            padding,
            dilation,
            dilation,
            mode == ConvolutionMode.Same ? PaddingMode.SAME : PaddingMode.VALID,
            channelsLast,
            WeightsFormat.OIYX);
    INDArray w = parameters.get("W");
    INDArray b = parameters.get("b");
    OpPrecision precision = OpPrecision.DEFAULT;
    assertSame(output, Nd4j.exec(new DfpConv2d(x, w, b, null, spec, precision))[0]);
    INDArray[] actual = Nd4j.exec(new DfpConv2dBp(x, w, b, epsilon, null, spec, precision));
    assertSame(gradients.getSecond(), actual[0]);
    assertSame(gradients.getFirst().getGradientFor("W"), actual[1]);
    assertSame(gradients.getFirst().getGradientFor("b"), actual[2]);
  }

  @Test
  void matrixProducts() {
    MultiLayerNetwork network =
        network(
            new DenseLayer.Builder().nOut(7).hasBias(false).activation(Activation.IDENTITY).build(),
            InputType.feedForward(33));
    INDArray x = random(6, 33);
    INDArray output = forward(network, x);
    INDArray epsilon = random(output.shape());
    Pair<Gradient, INDArray> gradients = backward(network, epsilon);
    INDArray w = network.getLayer(0).paramTable().get("W");
    OpPrecision precision = OpPrecision.DEFAULT;
    assertSame(output, Nd4j.exec(new DfpMatmul(x, w, null, false, false, precision))[0]);
    INDArray[] actual = Nd4j.exec(new DfpMatmulBp(x, w, epsilon, null, false, false, precision));
    assertSame(gradients.getSecond(), actual[0]);
    assertSame(gradients.getFirst().getGradientFor("W"), actual[1]);
  }

  private static MultiLayerNetwork network(Layer layer, InputType input) {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .list(Dfp16.layer(layer))
                .setInputType(input)
                .build());
    network.init();
    network.initGradientsView();
    return network;
  }

  private static INDArray forward(MultiLayerNetwork network, INDArray x) {
    network.setInput(x);
    return network.getLayer(0).activate(x, true, LayerWorkspaceMgr.noWorkspaces()).dup('c');
  }

  private static Pair<Gradient, INDArray> backward(MultiLayerNetwork network, INDArray epsilon) {
    return network.getLayer(0).backpropGradient(epsilon.dup(), LayerWorkspaceMgr.noWorkspaces());
  }

  private static INDArray random(long... shape) {
    Random random = new Random(SEED);
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.putScalar(i, random.nextGaussian());
    }
    return x;
  }

  private static void assertSame(INDArray expected, INDArray actual) {
    assertEquals(expected.length(), actual.length());
    assertArrayEquals(expected.dup('c').data().asFloat(), actual.dup('c').data().asFloat());
  }
}
