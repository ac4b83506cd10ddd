package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Random;
import java.util.stream.Stream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.layers.conf.Fp32Activation;
import org.dfp4j.layers.conf.Fp32Layers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;
import org.nd4j.linalg.activations.impl.ActivationTanH;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Activation layers against DL4J's own, tolerance 0: there is one rounding in each. */
class Fp32ActivationTest {

  private static final float[] EDGES = {
    0f,
    -0f,
    2f,
    -2f,
    6f,
    Math.nextUp(6f),
    Float.MIN_VALUE,
    -Float.MIN_VALUE,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY
  };

  static Stream<IActivation> supported() {
    return Stream.of(
        new ActivationReLU(),
        new ActivationReLU(null, null, 0.25),
        new ActivationReLU(null, 0.0, 0.1),
        new ActivationReLU(null, 0.0, null),
        new ActivationLReLU(),
        new ActivationLReLU(-0.5),
        new ActivationReLU6(),
        new ActivationIdentity());
  }

  private static Layer layer(ActivationLayer conf) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration();
    holder.setLayer(conf);
    return conf.instantiate(holder, null, 0, null, false, DataType.FLOAT);
  }

  /** Random values, the edges among them. */
  private static INDArray values(Random random, long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      boolean edge = random.nextInt(4) == 0;
      x.putScalar(i, edge ? EDGES[random.nextInt(EDGES.length)] : 4 * random.nextGaussian());
    }
    return x;
  }

  private static Stream<INDArray[]> pairs() {
    Random random = new Random(Nets.SEED);
    INDArray image = values(random, 3, 5, 7, 9);
    INDArray gradient = values(random, 3, 5, 7, 9);
    return Stream.of(
        new INDArray[] {values(random, 1, 1), values(random, 1, 1)},
        new INDArray[] {values(random, 7, 33), values(random, 7, 33)},
        new INDArray[] {values(random, 7, 33).dup('f'), values(random, 7, 33).dup('f')},
        new INDArray[] {values(random, 33, 7).transpose(), values(random, 7, 33)},
        new INDArray[] {values(random, 4, 3, 5), values(random, 4, 3, 5)},
        new INDArray[] {image, gradient},
        new INDArray[] {image.permute(0, 2, 3, 1), gradient.permute(0, 2, 3, 1)},
        new INDArray[] {values(random, 2, 3, 4, 5, 2), values(random, 2, 3, 4, 5, 2)},
        new INDArray[] {values(random, 5, 40_001), values(random, 5, 40_001)});
  }

  @ParameterizedTest
  @MethodSource("supported")
  void givesTheBitsOfStock(IActivation function) {
    ActivationLayer conf = new ActivationLayer(function);
    LayerWorkspaceMgr none = LayerWorkspaceMgr.noWorkspaces();
    pairs()
        .forEach(
            pair -> {
              INDArray before = pair[0].dup();
              for (boolean training : new boolean[] {true, false}) {
                Layer stock = layer(conf);
                Layer fp32 = layer((ActivationLayer) Fp32Layers.swap(conf));
                INDArray expected = stock.activate(pair[0].dup(), training, none);
                assertSame(function, expected, fp32.activate(pair[0], training, none));
              }
              Layer stock = layer(conf);
              Layer fp32 = layer((ActivationLayer) Fp32Layers.swap(conf));
              stock.activate(pair[0], true, none);
              fp32.activate(pair[0], true, none);
              INDArray expected = stock.backpropGradient(pair[1].dup(), none).getSecond();
              INDArray actual = fp32.backpropGradient(pair[1], none).getSecond();
              assertSame(function, expected, actual);
              assertSame(function, before, pair[0]);
            });
  }

  /** Bit for bit, but 0 and -0 are the same. */
  private static void assertSame(IActivation function, INDArray expected, INDArray actual) {
    assertArrayEquals(expected.shape(), actual.shape());
    float[] a = expected.dup('c').data().asFloat();
    float[] b = actual.dup('c').data().asFloat();
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i] + 0f, b[i] + 0f, "%s, element %d".formatted(function, i));
    }
  }

  @Test
  void otherFunctionsAreRefused() {
    for (IActivation function :
        new IActivation[] {
          new ActivationTanH(),
          new ActivationReLU(null, 1.0, null),
          new ActivationReLU(6.0, null, null),
          new ActivationReLU(6.0, null, 0.1)
        }) {
      ActivationLayer conf = new ActivationLayer(function);
      conf.setLayerName("act");
      assertFalse(Fp32Layers.supports(conf), function.toString());
      Exception e = assertThrows(IllegalArgumentException.class, () -> Fp32Layers.swap(conf));
      assertEquals(
          ("layer: expected one of %s, an activation with one of"
                  + " [relu, leakyrelu, relu6, identity], got ActivationLayer with %s (layer act)")
              .formatted(
                  Fp32Layers.SUPPORTED.stream().map(Class::getSimpleName).toList(), function),
          e.getMessage());
      Fp32Activation changed = new Fp32Activation(conf);
      e = assertThrows(IllegalArgumentException.class, () -> layer(changed));
      assertEquals(
          "activationFn: expected one of [relu, leakyrelu, relu6, identity], got %s (layer act)"
              .formatted(function),
          e.getMessage());
    }
  }
}
