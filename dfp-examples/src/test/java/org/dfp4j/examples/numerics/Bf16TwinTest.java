package org.dfp4j.examples.numerics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/** The simulated BF16 network rounds each operand of each product, and nothing else. */
class Bf16TwinTest {

  private static INDArray rounded(INDArray x) {
    INDArray rounded = x.dup('c');
    return Nd4j.createFromArray(Bf16.round(rounded.data().asFloat())).reshape(x.shape());
  }

  @Test
  void operandsAreRounded() {
    MultiLayerNetwork network =
        new MultiLayerNetwork(
            new NeuralNetConfiguration.Builder()
                .seed(3)
                .list()
                .layer(new DenseLayer.Builder().nIn(5).nOut(4).activation(Activation.RELU).build())
                .layer(
                    new OutputLayer.Builder(LossFunction.MCXENT)
                        .nIn(4)
                        .nOut(3)
                        .activation(Activation.SOFTMAX)
                        .build())
                .build());
    network.init();
    INDArray x = Nd4j.randn(6, 5);
    INDArray labels = Nd4j.eye(3).get(Nd4j.createFromArray(0, 1, 2, 2, 1, 0));
    INDArray w0 = rounded(network.getParam("0_W"));
    INDArray w1 = rounded(network.getParam("1_W"));
    assertNotEquals(network.getParam("0_W"), w0);

    Bf16Twin.convert(Arrays.asList(network.getLayers()));
    network.setInput(x.dup());
    network.setLabels(labels);
    network.computeGradientAndScore();
    Map<String, INDArray> gradients = network.gradient().gradientForVariable();
    List<INDArray> activations = network.feedForward(x.dup(), true);

    INDArray hidden = Nd4j.math().max(rounded(x).mmul(w0), Nd4j.scalar(0f));
    // The next layer has rounded its input where it was.
    assertClose(rounded(hidden), activations.get(1));
    INDArray output = Nd4j.nn().softmax(rounded(hidden).mmul(w1));
    assertClose(output, activations.get(2));
    INDArray delta1 = rounded(output.sub(labels));
    assertClose(rounded(hidden).transpose().mmul(delta1), gradients.get("1_W"));
    INDArray back = delta1.mmul(w1.transpose()).mul(hidden.gt(0).castTo(hidden.dataType()));
    assertClose(rounded(x).transpose().mmul(rounded(back)), gradients.get("0_W"));
  }

  /** Sums of a few terms in FP32; a rounding to BF16 that is missing moves them by 2^-9. */
  private static void assertClose(INDArray expected, INDArray actual) {
    double largest = expected.amaxNumber().doubleValue();
    double worst = expected.sub(actual).amaxNumber().doubleValue();
    assertEquals(0, worst / largest, 0x1p-20);
  }
}
