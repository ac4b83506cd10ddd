package org.dfp4j.layers.impl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.layers.conf.Fp32Layers;
import org.dfp4j.layers.conf.Fp32Subsampling;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Pooling layers against DL4J's own, forward and backward, bit for bit. */
class Fp32SubsamplingTest {

  private static final LayerWorkspaceMgr NO_WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  @ParameterizedTest
  @CsvFileSource(resources = "/shapes/pooling.csv", numLinesToSkip = 1)
  void poolingGivesTheBitsOfDl4j(ArgumentsAccessor line) {
    for (PoolingType type : new PoolingType[] {PoolingType.MAX, PoolingType.AVG}) {
      for (boolean include : new boolean[] {false, true}) {
        for (CNN2DFormat format : CNN2DFormat.values()) {
          SubsamplingLayer conf = conf(type, line, include, format);
          compare(conf, input(conf, line, 0));
          compare(conf, input(conf, line, 3));
        }
      }
    }
  }

  private static SubsamplingLayer conf(
      PoolingType type, ArgumentsAccessor line, boolean include, CNN2DFormat format) {
    SubsamplingLayer conf =
        new SubsamplingLayer.Builder(type)
            .convolutionMode(ConvolutionMode.valueOf(line.getString(1)))
            .kernelSize(line.getInteger(6), line.getInteger(7))
            .stride(line.getInteger(8), line.getInteger(9))
            .padding(line.getInteger(10), line.getInteger(11))
            .name(line.getString(0))
            .build();
    conf.setAvgPoolIncludePadInDivisor(include);
    conf.setCnn2dDataFormat(format);
    return conf;
  }

  /** Any values, or so few that many are equal. */
  private static INDArray input(SubsamplingLayer conf, ArgumentsAccessor line, int values) {
    long[] nchw = {line.getLong(2), line.getLong(3), line.getLong(4), line.getLong(5)};
    boolean nhwc = conf.getCnn2dDataFormat() == CNN2DFormat.NHWC;
    return random(values, nhwc ? new long[] {nchw[0], nchw[2], nchw[3], nchw[1]} : nchw);
  }

  private static INDArray random(int values, long... shape) {
    Random random = new Random(Nets.SEED);
    float[] data = new float[(int) Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < data.length; i++) {
      data[i] = values > 0 ? random.nextInt(values) : (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(data).reshape(shape);
  }

  private static void compare(SubsamplingLayer conf, INDArray input) {
    Layer stock = instantiate(conf, input);
    Layer own = instantiate(new Fp32Subsampling(conf), input);
    INDArray expected = stock.activate(true, NO_WORKSPACES);
    INDArray epsilon = random(0, expected.shape());
    String what = conf + ", seed " + Nets.SEED;
    assertSame(expected, own.activate(true, NO_WORKSPACES), what);
    assertSame(expected, own.activate(false, NO_WORKSPACES), what + ", inference");
    assertSame(
        stock.backpropGradient(epsilon.dup(), NO_WORKSPACES).getSecond(),
        own.backpropGradient(epsilon.dup('f'), NO_WORKSPACES).getSecond(),
        what + ", backward");
  }

  private static Layer instantiate(SubsamplingLayer conf, INDArray input) {
    NeuralNetConfiguration holder = new NeuralNetConfiguration.Builder().layer(conf).build();
    Layer layer = conf.instantiate(holder, null, 0, null, false, DataType.FLOAT);
    layer.setInput(input.dup(), NO_WORKSPACES);
    return layer;
  }

  private static void assertSame(INDArray expected, INDArray got, String what) {
    assertArrayEquals(expected.shape(), got.shape(), what);
    assertEquals(expected.ordering(), got.ordering(), what);
    assertArrayEquals(bits(expected), bits(got), what);
  }

  /** One pattern for all NaN. */
  private static int[] bits(INDArray x) {
    float[] values = x.dup('c').data().asFloat();
    int[] bits = new int[values.length];
    Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
    return bits;
  }

  @Test
  void numbersThatAreNoneGoThroughAsInDl4j() {
    INDArray input = random(0, 2, 2, 6, 6);
    for (int i = 0; i < 72; i++) {
      float value = new float[] {Float.NaN, Float.NEGATIVE_INFINITY, 1e38f}[i % 7 % 3];
      input.putScalar(i, i % 7 == 6 ? Float.POSITIVE_INFINITY : value);
    }
    for (PoolingType type : new PoolingType[] {PoolingType.MAX, PoolingType.AVG}) {
      compare(new SubsamplingLayer.Builder(type).kernelSize(2, 2).stride(2, 2).build(), input);
      compare(new SubsamplingLayer.Builder(type).kernelSize(3, 3).stride(1, 1).build(), input);
    }
  }

  @Test
  void whatHasNoKernelIsNotSwapped() {
    assertTrue(supports(new SubsamplingLayer.Builder(PoolingType.MAX)));
    assertTrue(supports(new SubsamplingLayer.Builder(PoolingType.AVG).padding(1, 1)));
    assertFalse(supports(new SubsamplingLayer.Builder(PoolingType.MAX).dilation(2, 1)));
    assertFalse(supports(new SubsamplingLayer.Builder(PoolingType.PNORM).pnorm(2)));
    assertFalse(supports(new SubsamplingLayer.Builder(PoolingType.AVG).padding(0, 2)));
  }

  private static boolean supports(SubsamplingLayer.Builder builder) {
    return Fp32Layers.supports(builder.kernelSize(2, 2).stride(2, 2).build());
  }

  @Test
  void aWrongRankIsNamed() {
    SubsamplingLayer conf = new SubsamplingLayer.Builder(2, 2).name("pool").build();
    Layer layer = instantiate(new Fp32Subsampling(conf), Nd4j.ones(3, 4));
    String message =
        assertThrows(DL4JInvalidInputException.class, () -> layer.activate(false, NO_WORKSPACES))
            .getMessage();
    assertTrue(message.contains("[3, 4]") && message.contains("pool"), message);
  }
}
