package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.layers.conf.Fp32Layers;
import org.dfp4j.layers.conf.Fp32ResponseNorm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Local response normalization layers against DL4J's own, forward and backward. */
class Fp32ResponseNormTest {

  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  @ParameterizedTest
  @CsvSource({
    "5, 2, 1e-4, 0.75, 2, 7, 5, 4",
    "5, 1, 2e-5, 0.75, 1, 64, 9, 9",
    "5, 2, 0.3, 0.75, 3, 3, 1, 1",
    "3, 1, 0.5, 0.5, 2, 16, 3, 33",
    "4, 1, 0.5, 1, 2, 5, 2, 2",
    "1, 1.5, 0.2, 1.25, 1, 4, 8, 8",
    "5, 2, 0.1, 0.25, 1, 3, 3, 3",
    "5, 2, 1e-4, 0.75, 2, 96, 13, 13"
  })
  void normalizationIsThatOfDl4j(
      double n, double k, double alpha, double beta, long mb, long channels, long h, long w) {
    for (CNN2DFormat format : CNN2DFormat.values()) {
      LocalResponseNormalization conf =
          new LocalResponseNormalization.Builder().n(n).k(k).alpha(alpha).beta(beta).build();
      conf.setDataFormat(format);
      boolean nchw = format == CNN2DFormat.NCHW;
      long[] shape = nchw ? new long[] {mb, channels, h, w} : new long[] {mb, h, w, channels};
      INDArray x = random(1, shape);
      INDArray epsilon = random(2, shape);
      Layer stock = instantiate(conf, x);
      Layer own = instantiate(new Fp32ResponseNorm(conf), x);
      // The powers differ: DL4J's is within 2 ulp, ours within 1; all else has one order.
      double tolerance = 3 * 0x1p-23;
      assertClose(
          stock.activate(true, NO_WORKSPACES), own.activate(true, NO_WORKSPACES), tolerance);
      assertClose(
          stock.activate(false, NO_WORKSPACES), own.activate(false, NO_WORKSPACES), tolerance);
      INDArray expected = stock.backpropGradient(epsilon.dup(), NO_WORKSPACES).getSecond();
      INDArray got = own.backpropGradient(epsilon.dup('f'), NO_WORKSPACES).getSecond();
      // The difference of two terms, of which the second sums as many as n: each is off by 3 ulp
      // of its largest value, and rounded in at most n + 4 operations.
      double largest = 2 * amax(epsilon) * (1 + n * alpha * beta * amax(x) * amax(x));
      assertCloseTo(expected, got, (n + 7) * 0x1p-23 * largest);
    }
  }

  private static double amax(INDArray x) {
    return x.amaxNumber().doubleValue();
  }

  private static INDArray random(int seed, long... shape) {
    Random random = new Random(Nets.SEED + seed);
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (long i = 0; i < x.length(); i++) {
      x.data().put(i, (float) random.nextGaussian());
    }
    return x;
  }

  private static Layer instantiate(LocalResponseNormalization conf, INDArray input) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration.Builder().layer(conf).build();
    Layer layer = conf.instantiate(holder, null, 0, null, false, DataType.FLOAT);
    layer.setInput(input.dup(), NO_WORKSPACES);
    return layer;
  }

  private static void assertClose(INDArray expected, INDArray got, double relative) {
    assertArrayEquals(expected.shape(), got.shape());
    float[] a = expected.dup('c').data().asFloat();
    float[] b = got.dup('c').data().asFloat();
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i], b[i], relative * Math.abs(a[i]), "seed " + Nets.SEED + ", index " + i);
    }
  }

  private static void assertCloseTo(INDArray expected, INDArray got, double absolute) {
    assertArrayEquals(expected.shape(), got.shape());
    float[] a = expected.dup('c').data().asFloat();
    float[] b = got.dup('c').data().asFloat();
    for (int i = 0; i < a.length; i++) {
      assertEquals(a[i], b[i], absolute, "seed " + Nets.SEED + ", index " + i);
    }
  }

  @Test
  void otherExponentsAreNotSwapped() {
    assertTrue(supports(0.75));
    assertTrue(supports(2));
    assertFalse(supports(0.7));
    assertFalse(supports(0));
    assertFalse(supports(-0.25));
  }

  private static boolean supports(double beta) {
    return Fp32Layers.supports(new LocalResponseNormalization.Builder().beta(beta).build());
  }
}
