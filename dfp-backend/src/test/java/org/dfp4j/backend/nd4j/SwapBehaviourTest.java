package org.dfp4j.backend.nd4j;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.nd4j.SwapPolicy.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.memory.conf.WorkspaceConfiguration;
import org.nd4j.linalg.api.memory.enums.AllocationPolicy;
import org.nd4j.linalg.api.memory.enums.LearningPolicy;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2D;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.exception.ND4JOpProfilerException;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.profiler.OpProfiler;
import org.nd4j.linalg.profiler.ProfilerConfig;

/** What users of ND4J rely on holds for swapped ops too, and what is not theirs stays. */
class SwapBehaviourTest {

  private static final long SEED = 11;
  private static final Conv2DConfig CONFIG =
      Conv2DConfig.builder().kH(3).kW(3).paddingMode(PaddingMode.SAME).build();

  private final Random random = new Random(SEED);
  private final INDArray images = normal(2, 3, 6, 6);
  private final INDArray weights = normal(3, 3, 3, 4);

  @BeforeEach
  void switchOn() {
    DfpBackend.swap(SwapPolicy.DFP16);
  }

  @AfterEach
  void switchOff() {
    OpProfiler.getInstance().setConfig(ProfilerConfig.builder().build());
    DfpBackend.swap(SwapPolicy.FP32);
  }

  private INDArray normal(long... shape) {
    INDArray x = Nd4j.create(DataType.FLOAT, shape);
    for (int i = 0; i < x.length(); i++) {
      x.putScalar(i, random.nextGaussian());
    }
    return x;
  }

  private static DynamicCustomOp op(String name, long[] arguments, INDArray... inputs) {
    DynamicCustomOp op = DynamicCustomOp.builder(name).addInputs(inputs).build();
    op.addIArgument(arguments);
    return op;
  }

  private INDArray convolve() {
    return Nd4j.exec(new Conv2D(images, weights, null, CONFIG))[0];
  }

  // --- What stays FP32 --------------------------------------------------------------------------

  @Test
  void leavesAProgramsOwnProductsAlone() {
    INDArray a = normal(5, 6);
    INDArray b = normal(6, 7);
    INDArray swapped = a.mmul(b);
    DfpBackend.swap(SwapPolicy.FP32);
    assertArrayEquals(a.mmul(b).data().asFloat(), swapped.data().asFloat());
  }

  /** An op of another program that shares a name and is none of ND4J's classes. */
  @Test
  void leavesForeignOpsAlone() throws Exception {
    CustomOp foreign =
        (CustomOp)
            Proxy.newProxyInstance(
                CustomOp.class.getClassLoader(),
                new Class<?>[] {CustomOp.class},
                (proxy, method, arguments) -> method.getName().equals("opName") ? "matmul" : null);
    DfpBackend.swap(SwapPolicy.DFP16.excluding("variable"));
    OpContext context = Nd4j.getExecutioner().buildContext();
    assertNull(Swap.PROCESS.find(foreign, context));
    context.close();
    assertEquals(Map.of("matmul", "not of a network's fully connected layer"), reasons());
  }

  @Test
  void saysWhyAnOpStays() {
    normal(5, 6).mmul(normal(6, 7));
    Nd4j.exec(
        new Conv2D(images.castTo(DataType.DOUBLE), weights.castTo(DataType.DOUBLE), null, CONFIG));
    assertEquals(
        Map.of("matmul", "not of a network's fully connected layer", "conv2d", "data type DOUBLE"),
        reasons());
    assertEquals(0, DfpBackend.report().executions("conv2d", Precision.DFP16));
  }

  @Test
  void leavesScaledGradientsOfProductsToNd4j() {
    INDArray[] swapped = gradients(2.0);
    assertEquals(Map.of("matmul_bp", "alpha or beta"), reasons());
    DfpBackend.swap(SwapPolicy.FP32);
    INDArray[] expected = gradients(2.0);
    assertArrayEquals(expected[0].data().asFloat(), swapped[0].data().asFloat());
    assertArrayEquals(expected[1].data().asFloat(), swapped[1].data().asFloat());
  }

  /** Of {@code alpha · ones[2, 3] · ones[3, 4]}. */
  private static INDArray[] gradients(double alpha) {
    INDArray a = Nd4j.ones(DataType.FLOAT, 2, 3);
    INDArray b = Nd4j.ones(DataType.FLOAT, 3, 4);
    DynamicCustomOp op = op("matmul_bp", new long[3], a, b, Nd4j.ones(DataType.FLOAT, 2, 4));
    op.addTArgument(alpha, 0.0);
    op.addOutputArgument(a.ulike(), b.ulike());
    op.setSameDiff(SameDiff.create());
    return Nd4j.exec(op);
  }

  @ParameterizedTest
  @ValueSource(strings = {"xw_plus_b", "relu_layer"})
  void leavesABiasThatIsNoVectorToNd4j(String name) {
    INDArray bias = Nd4j.ones(DataType.FLOAT, 1, 7);
    DynamicCustomOp op = op(name, new long[0], normal(5, 6), normal(6, 7), bias);
    op.addOutputArgument(Nd4j.create(DataType.FLOAT, 5, 7));
    assertThrows(RuntimeException.class, () -> Nd4j.exec(op));
    assertEquals(Map.of(name, "arrays whose shapes do not fit"), reasons());
  }

  @Test
  void saysWhenTheUserHasSwitchedHelpersOff() {
    String property = "org.eclipse.deeplearning4j.helpers.disable";
    String before = System.getProperty(property);
    try {
      System.setProperty(property, "true");
      assertEquals(property + "=true", StockConvolutions.enableHelpers());
      assertEquals("true", System.getProperty(property));
      System.clearProperty(property);
      assertEquals("", StockConvolutions.enableHelpers());
      assertEquals("false", System.getProperty(property));
    } finally {
      System.setProperty(property, before);
    }
  }

  private static Map<String, String> reasons() {
    return DfpBackend.report().rows().stream()
        .collect(Collectors.toMap(SwapReport.Row::op, SwapReport.Row::reason));
  }

  @Test
  void leavesExcludedOpsAlone() {
    DfpBackend.swap(SwapPolicy.DFP16.excluding("conv2d"));
    convolve();
    Nd4j.exec(
        op(
            "conv2d_bp",
            new long[] {3, 3, 1, 1, 0, 0, 1, 1, 1},
            images,
            weights,
            normal(2, 4, 6, 6)));
    assertEquals(Map.of("conv2d", "excluded", "conv2d_bp", "excluded"), reasons());
  }

  @Test
  void leavesSmallOpsAlone() {
    long products = 2 * 4 * 6 * 6 * 3 * 3 * 3;
    DfpBackend.swap(SwapPolicy.DFP16.atLeast(products + 1));
    convolve();
    assertEquals(Map.of("conv2d", "fewer than 7777 products"), reasons());
    DfpBackend.swap(SwapPolicy.DFP16.atLeast(products));
    convolve();
    assertEquals(1, DfpBackend.report().executions("conv2d", Precision.DFP16));
  }

  @Test
  void leavesOpsOfExcludedVariablesAlone() {
    DfpBackend.swap(SwapPolicy.DFP16.excluding("w1"));
    SameDiff sd = SameDiff.create();
    SDVariable x = sd.placeHolder("x", DataType.FLOAT, -1, 6);
    SDVariable w1 = sd.var("w1", normal(6, 5));
    SDVariable w2 = sd.var("w2", normal(5, 3));
    SDVariable loss = sd.math().square(sd.mmul(sd.mmul(x, w1), w2)).sum("loss");
    sd.setLossVariables(loss);
    sd.calculateGradients(Map.of("x", normal(4, 6)), "w1", "w2");
    SwapReport report = DfpBackend.report();
    for (String op : List.of("matmul", "matmul_bp")) {
      assertEquals(1, report.executions(op, Precision.FP32), report.toString());
      assertEquals(1, report.executions(op, Precision.DFP16), report.toString());
    }
  }

  @Test
  void swapsNothingWhileItIsOff() {
    DfpBackend.swap(SwapPolicy.FP32);
    convolve();
    assertEquals(List.of(), DfpBackend.report().rows());
  }

  // --- Exceptions -------------------------------------------------------------------------------

  static Stream<DynamicCustomOp> wrong() {
    long[] arguments = {3, 3, 1, 1, 0, 0, 1, 1, 1, 0, 0};
    INDArray x = Nd4j.ones(DataType.FLOAT, 2, 3, 6, 6);
    INDArray w = Nd4j.ones(DataType.FLOAT, 3, 3, 3, 4);
    return Stream.of(
        op("conv2d", arguments, x.reshape(2, 3, 36), w),
        op("conv2d", arguments, x, w.reshape(9, 3, 4)),
        op("conv2d", arguments, x, Nd4j.ones(DataType.FLOAT, 3, 3, 5, 4)),
        op("conv2d", arguments, x.castTo(DataType.INT32), w),
        op("conv2d", arguments, x, w.castTo(DataType.DOUBLE)),
        op("conv2d", new long[] {3, 3}, x, w),
        op("xw_plus_b", new long[0], x, w, w));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void failsAsInFp32(DynamicCustomOp op) {
    DfpBackend.swap(SwapPolicy.FP32);
    Exception expected = assertThrows(Exception.class, () -> Nd4j.exec(op));
    DfpBackend.swap(SwapPolicy.DFP16);
    Exception actual = assertThrows(Exception.class, () -> Nd4j.exec(op));
    assertEquals(expected.getClass(), actual.getClass());
    assertEquals(expected.getMessage(), actual.getMessage());
  }

  // --- Profiling, contexts, workspaces, memory --------------------------------------------------

  @Test
  void isProfiled() {
    OpProfiler.getInstance().reset();
    OpProfiler.getInstance().setConfig(ProfilerConfig.builder().checkElapsedTime(true).build());
    convolve();
    assertEquals(1, OpProfiler.getInstance().getInvocationsCount());
    assertEquals(1, DfpBackend.report().executions("conv2d", Precision.DFP16));
  }

  @Test
  void panicsAtNan() {
    OpProfiler.getInstance().setConfig(ProfilerConfig.builder().checkForNAN(true).build());
    images.putScalar(0, Float.NaN);
    assertThrows(ND4JOpProfilerException.class, this::convolve);
  }

  @Test
  void refusesClosedArrays() {
    INDArray closed = images.dup();
    closed.close();
    assertThrows(
        RuntimeException.class, () -> Nd4j.exec(new Conv2D(closed, weights, null, CONFIG)));
  }

  @Test
  void takesAContextAgain() {
    INDArray expected = convolve();
    INDArray more = normal(5, 3, 6, 6);
    INDArray expectedMore = Nd4j.exec(new Conv2D(more, weights, null, CONFIG))[0];
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setIArguments(3, 3, 1, 1, 0, 0, 1, 1, 1, 0, 0);
    for (INDArray[] pair : new INDArray[][] {{images, expected}, {more, expectedMore}}) {
      context.purge();
      context.setInputArray(0, pair[0]);
      context.setInputArray(1, weights);
      INDArray output = Nd4j.create(DataType.FLOAT, pair[1].shape());
      context.setOutputArray(0, output);
      Nd4j.exec(new Conv2D(), context);
      assertArrayEquals(pair[1].data().asFloat(), output.data().asFloat());
    }
    assertEquals(4, DfpBackend.report().executions("conv2d", Precision.DFP16));
  }

  @Test
  void worksInAWorkspace() {
    INDArray expected = convolve();
    WorkspaceConfiguration configuration =
        WorkspaceConfiguration.builder()
            .initialSize(1 << 20)
            .policyAllocation(AllocationPolicy.STRICT)
            .policyLearning(LearningPolicy.NONE)
            .build();
    for (int i = 0; i < 3; i++) {
      try (MemoryWorkspace workspace =
          Nd4j.getWorkspaceManager().getAndActivateWorkspace(configuration, "swap")) {
        INDArray output = convolve();
        assertTrue(output.isAttached(), "outputs are the workspace's");
        assertArrayEquals(expected.data().asFloat(), output.data().asFloat());
        long own = output.length() * Float.BYTES;
        assertTrue(
            workspace.getPrimaryOffset() < own + 512,
            "used " + workspace.getPrimaryOffset() + " bytes for " + own);
      }
    }
  }

  @Test
  void keepsNoMemory() {
    INDArray output = Nd4j.create(DataType.FLOAT, 2, 4, 6, 6);
    INDArray diff = normal(2, 4, 6, 6);
    INDArray diffImages = images.like();
    INDArray diffWeights = weights.like();
    Runnable step =
        () -> {
          Nd4j.exec(new Conv2D(images, weights, null, output, CONFIG));
          DynamicCustomOp backward =
              op("conv2d_bp", new long[] {3, 3, 1, 1, 0, 0, 1, 1, 1, 0, 0}, images, weights, diff);
          backward.addOutputArgument(diffImages, diffWeights);
          Nd4j.exec(backward);
        };
    // A leak shows in every round; the heap, whose pages count too, grows in some.
    long rounds = 5;
    int steps = 1000;
    long least = Long.MAX_VALUE;
    for (int round = 0; round < rounds; round++) {
      System.gc();
      long before = Pointer.physicalBytes();
      for (int i = 0; i < steps; i++) {
        step.run();
      }
      System.gc();
      least = Math.min(least, Pointer.physicalBytes() - before);
    }
    assertEquals(2 * rounds * steps, swapped());
    long leak = 2L * steps * 216 * Short.BYTES;
    assertTrue(least < leak, "a round took %d bytes, a leak takes %d".formatted(least, leak));
    assertFalse(DfpBackend.report().toString().contains("FP32"), "all in DFP-16");
  }

  private static long swapped() {
    return DfpBackend.report().rows().stream().mapToLong(SwapReport.Row::executions).sum();
  }
}
