package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Stream;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2D;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.shade.guava.primitives.Booleans;
import org.nd4j.shade.guava.primitives.Longs;

/** Settings as arguments of ops, which is how graphs save them. */
class OpArgumentsTest {

  static Stream<ConvolutionSpec> specs() {
    return ConvolutionCases.all();
  }

  @ParameterizedTest
  @MethodSource("specs")
  void convolutionsHaveTheArgumentsOfNd4jsOp(ConvolutionSpec spec) {
    Conv2D op =
        new Conv2D(ConvolutionCases.zeros(1), ConvolutionCases.zeros(1), null, spec.toConfig());
    assertArrayEquals(op.iArgs(), spec.integers());
    assertEquals(spec, ConvolutionSpec.of(Longs.asList(op.iArgs())));
    assertEquals(spec, ConvolutionSpec.of(spec.toConfig()));
  }

  @Test
  void missingArgumentsAreNd4jsDefaults() {
    ConvolutionSpec spec = ConvolutionSpec.of(List.of(0L, -1L, 2L, 1L, 1L, 0L, 1L, 1L));
    assertEquals(
        new ConvolutionSpec(-1, -1, 2, 1, 1, 0, 1, 1, PaddingMode.VALID, false, WeightsFormat.YXIO),
        spec);
    assertEquals(spec.kh(), ConvolutionSpec.of(Conv2DConfig.builder().build()).kh());
    Conv2DConfig noFormat = new Conv2DConfig(1, 1, 1, 1, 0, 0, 1, 1, null, "NCHW", null);
    assertEquals(WeightsFormat.YXIO, ConvolutionSpec.of(noFormat).weightsFormat());
  }

  @Test
  void kernelSizesMayBeThoseOfTheWeights() {
    ConvolutionSpec spec =
        new ConvolutionSpec(-1, -1, 1, 1, 0, 0, 1, 1, PaddingMode.VALID, true, WeightsFormat.OYXI);
    assertArrayEquals(
        new long[] {2, 4, 4, 6},
        spec.outputShape(new long[] {2, 6, 5, 3}, new long[] {6, 3, 2, 3}));
  }

  @Test
  void settingsCheckThemselves() {
    assertMessage(
        "kh: expected >= 1 or -1, got 0",
        () -> ConvolutionCases.spec(0, 1, 1, 1, 0, 0, 1, 1, PaddingMode.VALID));
    assertMessage(
        "sw: expected >= 1, got 0",
        () -> ConvolutionCases.spec(1, 1, 1, 0, 0, 0, 1, 1, PaddingMode.VALID));
    assertMessage(
        "ph: expected >= 0, got -1",
        () -> ConvolutionCases.spec(1, 1, 1, 1, -1, 0, 1, 1, PaddingMode.VALID));
    Conv2DConfig config = Conv2DConfig.builder().dataFormat("NCWH").build();
    assertMessage("dataFormat: expected NCHW or NHWC, got NCWH", () -> ConvolutionSpec.of(config));
    assertMessage(
        "input: expected a padded height >= 3, got 2",
        () ->
            ConvolutionCases.spec(3, 1, 1, 1, 0, 0, 1, 1, PaddingMode.VALID)
                .shape(new long[] {1, 1, 2, 2}, new long[] {3, 1, 1, 1}));
    assertMessage("headroom: expected 0 to 2, got 3", () -> OpPrecision.DEFAULT.withHeadroom(3));
    assertMessage(
        "integer arguments: expected 2 or 7, got 3",
        () -> OpPrecision.of(List.of(0L, 0L, 1L), 2, List.of()));
    assertMessage(
        "boolean arguments: expected 0 or 4, got 1",
        () -> OpPrecision.of(List.of(), 0, List.of(true)));
  }

  private static void assertMessage(String message, Executable work) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, work).getMessage());
  }

  @ParameterizedTest
  @EnumSource(Rounding.class)
  void precisionsSurviveAsArguments(Rounding rounding) {
    OpPrecision precision =
        new OpPrecision(
            false, true, false, rounding, Rounding.TRUNCATE, rounding, 2, Long.MIN_VALUE, true);
    assertEquals(
        precision,
        OpPrecision.of(
            Longs.asList(precision.integers()), 0, Booleans.asList(precision.booleans())));
  }

  /** Graphs that are saved hold these numbers. */
  @Test
  void roundingsKeepTheirNumbers() {
    assertEquals(Rounding.NEAREST_EVEN, OpPrecision.roundingOf("x", 0));
    assertEquals(Rounding.STOCHASTIC, OpPrecision.roundingOf("x", 1));
    assertEquals(Rounding.NEAREST_AWAY, OpPrecision.roundingOf("x", 2));
    assertEquals(Rounding.TRUNCATE, OpPrecision.roundingOf("x", 3));
  }

  @Test
  void onlyStochasticRoundingDependsOnTheSeed() {
    OpPrecision nearest = OpPrecision.DEFAULT.withSeed(9);
    assertEquals(Quantizer.DEFAULT, nearest.quantizer(TensorRole.SRC));
    OpPrecision stochastic = OpPrecision.rounding(Rounding.STOCHASTIC).withSeed(9);
    assertNotEquals(stochastic.quantizer(TensorRole.SRC), stochastic.quantizer(TensorRole.WEIGHTS));
    assertNotEquals(
        stochastic.quantizer(TensorRole.SRC), stochastic.withSeed(10).quantizer(TensorRole.SRC));
  }
}
