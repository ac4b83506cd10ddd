package org.dfp4j.layers.impl;

import static org.dfp4j.layers.Bits.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.BackpropType;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.layers.MixedPrecision;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** Orders of calls other than one {@code fit}. */
class FlowTest {

  /** As derived in {@link BehaviourTest}. */
  private static final double TOLERANCE = 5 * 2 * 8 * Math.scalb(1.0, -14);

  private static void assertClose(String what, INDArray expected, INDArray actual) {
    double distance =
        expected.sub(actual).norm2Number().doubleValue() / expected.norm2Number().doubleValue();
    assertTrue(distance <= TOLERANCE, what + " differs by " + distance);
  }

  private static INDArray gradient(ComputationGraph net, INDArray input, INDArray epsilon) {
    net.feedForward(new INDArray[] {input}, true, false);
    return net.backpropGradient(epsilon.dup()).gradient().dup();
  }

  @Test
  void externalErrors() {
    ComputationGraphConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .graphBuilder()
            .addInputs("in")
            .addLayer("conv", new ConvolutionLayer.Builder(3, 3).nOut(4).build(), "in")
            .addLayer("dense", new DenseLayer.Builder().nOut(3).build(), "conv")
            .setOutputs("dense")
            .setInputTypes(InputType.convolutional(8, 8, 3))
            .build();
    ComputationGraph fp32 = new ComputationGraph(conf);
    fp32.init();
    ComputationGraph dfp = MixedPrecision.dfp16().convert(fp32);
    CountingKernels counter = new CountingKernels(KernelProvider.kernels());
    counter.watch(dfp.getLayer("conv"));
    INDArray input = Nets.images(4, Nets.SEED).getFeatures();
    Nd4j.getRandom().setSeed(Nets.SEED);
    INDArray epsilon = Nd4j.rand(4, 3);
    for (int i = 0; i < 2; i++) {
      assertClose("gradient", gradient(fp32, input, epsilon), gradient(dfp, input, epsilon));
      String weightPacks = i == 0 ? "1" : "0";
      // Of the first layer nobody reads the gradient by the input.
      assertEquals("[1, " + weightPacks + ", 1] | 1 0 1", counter.counts());
      counter.reset();
    }
  }

  /** Not by what the parameters have become since. */
  @Test
  void gradientsAreByTheWeightsOfTheForwardPass() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    net.fit(Nets.images(4, Nets.SEED));
    // Of so many outputs that its weights are packed.
    Layer layer = net.getLayer(0);
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray input = Nets.images(4, 1).getFeatures();
    Nd4j.getRandom().setSeed(Nets.SEED);
    INDArray epsilon = Nd4j.rand(layer.activate(input, true, none).shape());
    INDArray expected = layer.backpropGradient(epsilon, none).getSecond().dup();
    layer.activate(input, true, none);
    layer.getParam("W").muli(2);
    assertSameBits(expected, layer.backpropGradient(epsilon, none).getSecond());
    layer.activate(input, true, none);
    assertNotEquals(expected, layer.backpropGradient(epsilon, none).getSecond());
  }

  @Test
  void inferenceBetweenForwardAndBackwardPass() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    net.fit(Nets.images(4, Nets.SEED));
    Layer layer = net.getLayer(0);
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    INDArray input = Nets.images(4, 1).getFeatures();
    INDArray other = Nets.images(4, 2).getFeatures();
    INDArray output = layer.activate(input, true, none);
    Nd4j.getRandom().setSeed(Nets.SEED);
    INDArray epsilon = Nd4j.rand(output.shape());
    INDArray expected = layer.backpropGradient(epsilon, none).getFirst().getGradientFor("W").dup();
    layer.activate(input, true, none);
    layer.activate(other, false, none);
    layer.setInput(input, none);
    INDArray actual = layer.backpropGradient(epsilon, none).getFirst().getGradientFor("W");
    assertEquals(expected, actual, "gradient at the input that is set");
  }

  @Test
  void truncatedBackpropThroughTime() {
    MultiLayerConfiguration conf =
        Nets.defaults(new Sgd(0.1))
            .activation(Activation.TANH)
            .list()
            .layer(new LSTM.Builder().nOut(6).build())
            .layer(new DenseLayer.Builder().nOut(5).build())
            .layer(
                new RnnOutputLayer.Builder(LossFunction.MCXENT)
                    .nOut(3)
                    .activation(Activation.SOFTMAX)
                    .build())
            .setInputType(InputType.recurrent(4, 8))
            .backpropType(BackpropType.TruncatedBPTT)
            .tBPTTLength(3)
            .build();
    MultiLayerNetwork fp32 = new MultiLayerNetwork(conf);
    fp32.init();
    MultiLayerNetwork dfp = MixedPrecision.dfp16().convert(fp32);
    INDArray start = fp32.params().dup();
    Nd4j.getRandom().setSeed(Nets.SEED);
    INDArray labels = Nd4j.zeros(2, 3, 8);
    for (int t = 0; t < 8; t++) {
      labels.putScalar(new int[] {0, t % 3, t}, 1);
      labels.putScalar(new int[] {1, (t + 1) % 3, t}, 1);
    }
    DataSet data = new DataSet(Nd4j.rand(2, 4, 8), labels);
    fp32.fit(data);
    dfp.fit(data);
    assertEquals(fp32.getIterationCount(), dfp.getIterationCount());
    assertClose("step", fp32.params().sub(start), dfp.params().sub(start));
  }

  @Test
  void aClosedLayerHoldsNothing() {
    MultiLayerNetwork net = new MultiLayerNetwork(MixedPrecision.dfp16().convert(Nets.chain()));
    net.init();
    CountingKernels counter = new CountingKernels(KernelProvider.kernels());
    for (Layer layer : net.getLayers()) {
      if (layer instanceof Dfp16Impl) {
        counter.watch(layer);
      }
    }
    net.fit(Nets.images(4, Nets.SEED));
    // Those of the two convolutions: fully connected layers keep no packed weights.
    assertEquals("[0, 2, 0]", counter.open());
    for (Layer layer : net.getLayers()) {
      layer.close();
    }
    assertEquals("[0, 0, 0]", counter.open());
  }
}
