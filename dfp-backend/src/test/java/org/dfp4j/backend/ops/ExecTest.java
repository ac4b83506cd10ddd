package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.profiler.OpProfiler;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** The ops through {@code Nd4j.exec}. */
class ExecTest {

  private static final long SEED = 11;

  private static final ConvolutionSpec SPEC =
      ConvolutionCases.geometries().findFirst().orElseThrow();

  /** Arrays for a convolution, and its results by the array functions. */
  private record Data(
      INDArray input,
      INDArray weights,
      INDArray bias,
      INDArray diffDst,
      INDArray output,
      List<INDArray> gradients) {

    static Data random(long seed, int mb) {
      Random random = new Random(seed);
      INDArray input = ConvolutionCases.normal(random, mb, 3, 9, 8);
      INDArray weights = ConvolutionCases.normal(random, ConvolutionCases.weightsShape(SPEC));
      INDArray bias = ConvolutionCases.normal(random, ConvolutionCases.OC);
      long[] shape = SPEC.outputShape(input.shape(), weights.shape());
      INDArray diffDst = ConvolutionCases.normal(random, shape);
      INDArray output = ConvolutionCases.zeros(shape);
      List<INDArray> gradients =
          Stream.of(input, weights, bias).map(x -> ConvolutionCases.zeros(x.shape())).toList();
      ArrayConvolution convolution = new ArrayConvolution(SPEC, OpPrecision.DEFAULT);
      convolution.forward(input, weights, bias, output);
      convolution.backward(
          input, weights, diffDst, gradients.get(0), gradients.get(1), gradients.get(2));
      return new Data(input, weights, bias, diffDst, output, gradients);
    }

    DfpConv2d op() {
      return new DfpConv2d(input, weights, bias, null, SPEC, OpPrecision.DEFAULT);
    }

    DfpConv2dBp gradientOp() {
      return new DfpConv2dBp(input, weights, bias, diffDst, null, SPEC, OpPrecision.DEFAULT);
    }

    void check() {
      INDArray[] outputs = Nd4j.exec(op());
      assertEquals(1, outputs.length);
      ConvolutionCases.assertSameBits(output, outputs[0]);
      INDArray[] actual = Nd4j.exec(gradientOp());
      assertEquals(gradients.size(), actual.length);
      for (int i = 0; i < actual.length; i++) {
        ConvolutionCases.assertSameBits(gradients.get(i), actual[i]);
      }
    }
  }

  @Test
  void opsComputeWhatTheArrayFunctionsCompute() {
    Data.random(SEED, 2).check();
  }

  @Test
  void outputsMayBeGiven() {
    Data data = Data.random(SEED, 2);
    INDArray output = ConvolutionCases.scattered(ConvolutionCases.zeros(data.output().shape()));
    INDArray[] returned =
        Nd4j.exec(
            new DfpConv2d(
                data.input(), data.weights(), data.bias(), output, SPEC, OpPrecision.DEFAULT));
    assertSame(output, returned[0]);
    ConvolutionCases.assertSameBits(data.output(), output);
  }

  @Test
  void withoutBiasThereIsNoGradientOfIt() {
    Data data = Data.random(SEED, 2);
    INDArray[] gradients =
        Nd4j.exec(
            new DfpConv2dBp(
                data.input(),
                data.weights(),
                null,
                data.diffDst(),
                null,
                SPEC,
                OpPrecision.DEFAULT));
    assertEquals(2, gradients.length);
    ConvolutionCases.assertSameBits(data.gradients().get(1), gradients[1]);
  }

  @Test
  void aContextServesOneExecutionAfterTheOther() {
    Data first = Data.random(SEED, 2);
    Data second = Data.random(SEED + 1, 3);
    DfpConv2d op = new DfpConv2d();
    // ND4J's contexts close themselves when they become unreachable; close() does nothing.
    OpContext context = Nd4j.getExecutioner().buildContext();
    for (Data data : List.of(first, second, first)) {
      DfpConv2d arguments = data.op();
      context.purge();
      context.setInputArrays(data.input(), data.weights(), data.bias());
      context.setIArguments(arguments.iArgs());
      context.setBArguments(arguments.bArgs());
      context.setOutputArrays(Nd4j.create(op.calculateOutputShape(context).get(0)));
      INDArray[] outputs = Nd4j.exec(op, context);
      assertSame(context.getOutputArray(0), outputs[0]);
      ConvolutionCases.assertSameBits(data.output(), outputs[0]);
    }
  }

  @Test
  void argumentsOfNd4jsOwnOpAreEnough() {
    Data data = Data.random(SEED, 2);
    DfpConv2d op = new DfpConv2d();
    op.addInputArgument(data.input(), data.weights(), data.bias());
    op.addIArgument(SPEC.integers());
    ConvolutionCases.assertSameBits(data.output(), Nd4j.exec(op)[0]);
  }

  @Test
  void outputsAreInTheWorkspaceThatIsOpen() {
    Data data = Data.random(SEED, 2);
    WorkspaceConfiguration configuration =
        WorkspaceConfiguration.builder().initialSize(1 << 20).build();
    MemoryWorkspace workspace =
        Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "ExecTest");
    try (workspace) {
      for (CustomOp op : List.<CustomOp>of(data.op(), data.gradientOp())) {
        INDArray[] outputs = Nd4j.exec(op);
        assertTrue(Arrays.stream(outputs).allMatch(INDArray::isAttached));
      }
      data.check();
    } finally {
      Nd4j.getWorkspaceManager().destroyWorkspace(workspace);
    }
    data.check();
  }

  @Test
  void twoThreadsAtOnceGetTheirOwnResults() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int thread = 0; thread < 2; thread++) {
        Data data = Data.random(SEED + thread, 2 + thread);
        runs.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 20; i++) {
                    data.check();
                  }
                }));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void theProfilerCountsTheOps() {
    OpExecutioner executioner = Nd4j.getExecutioner();
    executioner.setProfilingConfig(ProfilerConfig.builder().checkElapsedTime(true).build());
    try {
      OpProfiler.getInstance().reset();
      Nd4j.exec(Data.random(SEED, 2).op());
      assertTrue(OpProfiler.getInstance().getInvocationsCount() > 0);
    } finally {
      executioner.setProfilingConfig(ProfilerConfig.builder().build());
      OpProfiler.getInstance().reset();
    }
  }

  @Test
  void stochasticRoundingDrawsFromNd4jsGenerator() {
    Data data = Data.random(SEED, 2);
    OpPrecision precision = OpPrecision.rounding(Rounding.STOCHASTIC);
    Nd4j.getRandom().setSeed(SEED);
    float[] first = stochastic(data, precision);
    float[] second = stochastic(data, precision);
    Nd4j.getRandom().setSeed(SEED);
    assertArrayEquals(first, stochastic(data, precision));
    assertNotEquals(Arrays.hashCode(first), Arrays.hashCode(second));
  }

  private static float[] stochastic(Data data, OpPrecision precision) {
    return ConvolutionCases.values(
        Nd4j.exec(new DfpConv2d(data.input(), data.weights(), null, null, SPEC, precision))[0]);
  }

  @Test
  void emptyBatchesAreFine() {
    INDArray weights = ConvolutionCases.normal(new Random(SEED), 3, 2, 3, 4);
    INDArray input = ConvolutionCases.zeros(0, 3, 9, 8);
    INDArray output =
        Nd4j.exec(new DfpConv2d(input, weights, null, null, SPEC, OpPrecision.DEFAULT))[0];
    assertArrayEquals(new long[] {0, 4, 7, 7}, output.shape());
    INDArray[] gradients =
        Nd4j.exec(new DfpConv2dBp(input, weights, null, output, null, SPEC, OpPrecision.DEFAULT));
    assertEquals(0, gradients[1].amaxNumber().doubleValue());
  }

  /** An op that must fail, and what its message says. */
  private record Bad(CustomOp op, String message) {
    @Override
    public String toString() {
      return message;
    }
  }

  static Stream<Bad> badOps() {
    INDArray x = ConvolutionCases.zeros(2, 3, 9, 8);
    INDArray w = ConvolutionCases.zeros(3, 2, 3, 4);
    OpPrecision p = OpPrecision.DEFAULT;
    INDArray m = ConvolutionCases.zeros(2, 3);
    DfpConv2d few = new DfpConv2d();
    few.addInputArgument(x, w);
    few.addIArgument(3, 2);
    DfpConv2d format = new DfpConv2d();
    format.addInputArgument(x, w);
    format.addIArgument(3, 2, 1, 1, 0, 0, 1, 1, 0, 0, 3);
    DfpConv2d rounding = new DfpConv2d();
    rounding.addInputArgument(x, w);
    rounding.addIArgument(3, 2, 1, 1, 0, 0, 1, 1, 0, 0, 0, 4, 0, 0, 0, 0);
    INDArray doubles = x.castTo(DataType.DOUBLE);
    INDArray nan = Nd4j.createFromArray(Float.NaN);
    return Stream.of(
        new Bad(
            new DfpConv2d(x.reshape(6, 9, 8), w, null, null, SPEC, p),
            "input: expected [mb, ic, h, w], got [6, 9, 8]"),
        new Bad(
            new DfpConv2d(x, x, null, null, SPEC, p),
            "weights: expected YXIO with ic = 3, kh = 3, kw = 2, got [2, 3, 9, 8]"),
        new Bad(
            new DfpConv2d(doubles, w, null, null, SPEC, p),
            "input: expected data type FLOAT, got DOUBLE"),
        new Bad(
            new DfpConv2d(x, w, w, null, SPEC, p),
            "bias: expected 4 elements, got shape [3, 2, 3, 4]"),
        new Bad(
            new DfpConv2d(x, w, null, x, SPEC, p),
            "dst: expected shape [2, 4, 7, 7], got [2, 3, 9, 8]"),
        new Bad(
            new DfpConv2dBp(x, w, null, x, null, SPEC, p),
            "gradient by the output: expected shape [2, 4, 7, 7], got [2, 3, 9, 8]"),
        new Bad(few, "integer arguments: expected at least 8, got 2"),
        new Bad(format, "weights format: expected 0 to 2, got 3"),
        new Bad(rounding, "rounding of src: expected 0 to 3, got 4"),
        new Bad(
            new DfpMatmul(m, m, null, false, false, p),
            "b: expected 3 elements in dimension 0, got [2, 3]"),
        new Bad(
            new DfpMatmul(x, m, null, false, false, p),
            "a: expected a matrix, got shape [2, 3, 9, 8]"),
        new Bad(
            new DfpMatmulBp(m, m, m, null, true, false, p),
            "gradient by c: expected shape [3, 3], got [2, 3]"),
        new Bad(
            new DfpQuantize(doubles, Quantizer.DEFAULT), "x: expected data type FLOAT, got DOUBLE"),
        new Bad(new DfpQuantize(nan, Quantizer.DEFAULT), "x: expected finite numbers, got NaN"),
        new Bad(new DfpDequantize(m, m, null), "mantissas: expected data type SHORT, got FLOAT"));
  }

  @ParameterizedTest
  @MethodSource("badOps")
  void errorsNameArgumentExpectationAndOp(Bad bad) {
    RuntimeException e = assertThrows(RuntimeException.class, () -> Nd4j.exec(bad.op()));
    Throwable cause = e;
    while (cause.getCause() != null && !cause.getMessage().endsWith(")")) {
      cause = cause.getCause();
    }
    assertEquals(bad.message() + " (op " + bad.op().opName() + ")", cause.getMessage());
  }

  @Test
  void aClosedArrayIsAnError() {
    Data data = Data.random(SEED, 2);
    INDArray closed = ConvolutionCases.zeros(2, 3, 9, 8);
    closed.close();
    DfpConv2d op = new DfpConv2d(closed, data.weights(), null, null, SPEC, OpPrecision.DEFAULT);
    assertThrows(RuntimeException.class, () -> Nd4j.exec(op));
    assertFalse(data.input().wasClosed());
  }
}
