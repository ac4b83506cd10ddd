package org.dfp4j.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.dfp4j.backend.nd4j.SwapPolicy.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/** ND4J's ops give what they give in FP32, to within the rounding of their operands. */
class SwapTest {

  private static final long SEED = 7;

  private static final int MB = 2;
  private static final int IC = 3;
  private static final int OC = 4;
  private static final int KH = 3;
  private static final int KW = 2;
  private static final int IH = 9;
  private static final int IW = 8;

  /** Of an operand's largest magnitude; the top of the binade saturates, by up to one step. */
  private static final double STEP = Math.scalb(1.0, -14);

  private static final double FLOAT_STEP = Math.scalb(1.0, -24);

  private final Random random = new Random(SEED);

  @AfterEach
  void switchOff() {
    DfpBackend.swap(SwapPolicy.FP32);
  }

  /**
   * An op.
   *
   * @param arguments integer arguments
   * @param inputs shapes
   * @param terms of the longest sum of each output; 1 where it is a sum without products
   */
  private record Case(String op, List<Long> arguments, List<long[]> inputs, List<Integer> terms) {

    static Case of(String op, long[] arguments, List<long[]> inputs, Integer... terms) {
      return new Case(op, Arrays.stream(arguments).boxed().toList(), inputs, List.of(terms));
    }

    @Override
    public String toString() {
      return op + arguments;
    }
  }

  static Stream<Case> convolutions() {
    return IntStream.range(0, 2 * 2 * 3)
        .boxed()
        .flatMap(
            i -> {
              boolean same = i % 2 == 1;
              boolean last = i / 2 % 2 == 1;
              int format = i / 4;
              long[] x = image(IC, IH, IW, last);
              long[] w = weights(IC, OC, format);
              long oh = same ? (IH + 1) / 2 : (IH + 2 - KH) / 2 + 1;
              long ow = same ? IW : IW - (2 * (KW - 1) + 1) + 1;
              long[] y = image(OC, oh, ow, last);
              long[] a = {KH, KW, 2, 1, same ? 0 : 1, 0, 1, 2, same ? 1 : 0, last ? 1 : 0, format};
              long[] bias = {OC};
              int k = IC * KH * KW;
              int data = OC * KH * KW;
              int filters = (int) (MB * oh * ow);
              return Stream.of(
                  Case.of("conv2d", a, List.of(x, w), k),
                  Case.of("conv2d", a, List.of(x, w, bias), k),
                  Case.of("conv2d_bp", a, List.of(x, w, y), data, filters),
                  Case.of("conv2d_bp", a, List.of(x, w, bias, y), data, filters, filters));
            });
  }

  static Stream<Case> sequences() {
    return IntStream.range(0, 3 * 2)
        .boxed()
        .flatMap(
            i -> {
              int mode = i % 3;
              boolean last = i / 3 == 1;
              long[] x = sequence(IC, IW, last);
              long[] w = {KW, IC, OC};
              long ow = mode == 0 ? IW + 2 - 2 : IW;
              long[] y = sequence(OC, ow, last);
              long[] a = {KW, 1, mode == 0 ? 1 : 0, 2, mode, last ? 1 : 0, 0};
              long[] bias = {OC};
              int data = OC * KW;
              int filters = (int) (MB * ow);
              return Stream.of(
                  Case.of("conv1d", a, List.of(x, w), IC * KW),
                  Case.of("conv1d", a, List.of(x, w, bias), IC * KW),
                  Case.of("conv1d_bp", a, List.of(x, w, bias, y), data, filters, filters));
            });
  }

  static Stream<Case> deconvolutions() {
    return IntStream.range(0, 2 * 2 * 3)
        .boxed()
        .flatMap(
            i -> {
              boolean same = i % 2 == 1;
              boolean last = i / 2 % 2 == 1;
              int format = i / 4;
              long[] x = image(IC, IH, IW, last);
              // The weights of the convolution back from OC to IC channels.
              long[] w = weights(OC, IC, format);
              long oh = same ? 2 * IH : 2 * (IH - 1) + KH - 2;
              long ow = same ? IW : IW - 1 + KW;
              long[] y = image(OC, oh, ow, last);
              long[] a = {KH, KW, 2, 1, same ? 0 : 1, 0, 1, 1, same ? 1 : 0, last ? 1 : 0, format};
              long[] bias = {OC};
              int k = IC * KH * KW;
              int data = OC * KH * KW;
              int filters = MB * IH * IW;
              int pixels = (int) (MB * oh * ow);
              return Stream.of(
                  Case.of("deconv2d", a, List.of(x, w), k),
                  Case.of("deconv2d", a, List.of(x, w, bias), k),
                  Case.of("deconv2d_bp", a, List.of(x, w, y), data, filters),
                  Case.of("deconv2d_bp", a, List.of(x, w, bias, y), data, filters, pixels));
            });
  }

  static Stream<Case> linear() {
    long[] none = {};
    List<long[]> inputs = List.of(new long[] {5, 6}, new long[] {6, 7}, new long[] {7});
    return Stream.of(Case.of("xw_plus_b", none, inputs, 6), Case.of("relu_layer", none, inputs, 6));
  }

  private static long[] image(long channels, long height, long width, boolean last) {
    return last
        ? new long[] {MB, height, width, channels}
        : new long[] {MB, channels, height, width};
  }

  private static long[] sequence(long channels, long width, boolean last) {
    return last ? new long[] {MB, width, channels} : new long[] {MB, channels, width};
  }

  private static long[] weights(long ic, long oc, int format) {
    return switch (format) {
      case 0 -> new long[] {KH, KW, ic, oc};
      case 1 -> new long[] {oc, ic, KH, KW};
      default -> new long[] {oc, KH, KW, ic};
    };
  }

  @ParameterizedTest
  @MethodSource({"convolutions", "sequences", "deconvolutions", "linear"})
  void givesWhatNd4jGives(Case c) {
    INDArray[] inputs = c.inputs().stream().map(this::normal).toArray(INDArray[]::new);
    DfpBackend.swap(SwapPolicy.FP32);
    INDArray[] expected = exec(c, inputs);
    DfpBackend.swap(SwapPolicy.DFP16);
    INDArray[] actual = exec(c, inputs);

    assertEquals(1, DfpBackend.report().executions(c.op(), Precision.DFP16), c.toString());
    double a = Math.max(amax(inputs[0]), amax(inputs[inputs.length - 1]));
    double b = Math.max(amax(inputs[1]), a);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(
          Arrays.toString(expected[i].shape()), Arrays.toString(actual[i].shape()), c.toString());
      int terms = c.terms().get(i);
      double quantized = a * b * (2 * STEP + STEP * STEP);
      double summed = a * b * terms * FLOAT_STEP;
      double bound = terms * (quantized + summed);
      double error = amax(expected[i].sub(actual[i]));
      assertTrue(
          error <= bound,
          "%s, seed %d: output %d: error %g, at most %g".formatted(c, SEED, i, error, bound));
      assertTrue(amax(expected[i]) > 10 * bound, c + ": the bound tells nothing");
    }
  }

  private INDArray normal(long[] shape) {
    float[] values = new float[(int) Arrays.stream(shape).reduce(1, (x, y) -> x * y)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Nd4j.createFromArray(values).reshape('c', shape);
  }

  private static double amax(INDArray x) {
    return x.castTo(DataType.DOUBLE).amaxNumber().doubleValue();
  }

  private static INDArray[] exec(Case c, INDArray[] inputs) {
    DynamicCustomOp op = DynamicCustomOp.builder(c.op()).addInputs(inputs).build();
    op.addIArgument(c.arguments().stream().mapToLong(Long::longValue).toArray());
    return Nd4j.exec(op);
  }
}
