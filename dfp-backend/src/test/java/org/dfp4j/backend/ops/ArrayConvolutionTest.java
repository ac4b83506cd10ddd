package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Rounding;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.api.ops.impl.layers.convolution.Conv2D;
import org.nd4j.linalg.factory.Nd4j;

/** The array functions against ND4J's own convolution in FP64. */
class ArrayConvolutionTest {

  private static final long SEED = 7;

  /** Largest rounding error of an operand over its largest value; at the top of the binade. */
  private static final double OPERAND_ERROR = 0x1p-14;

  static Stream<ConvolutionSpec> all() {
    return ConvolutionCases.all();
  }

  @ParameterizedTest
  @MethodSource("all")
  void productsAreNd4jsWithinTheRoundingOfTheOperands(ConvolutionSpec spec) {
    Random random = new Random(SEED);
    INDArray input = ConvolutionCases.normal(random, ConvolutionCases.inputShape(spec));
    INDArray weights = ConvolutionCases.normal(random, ConvolutionCases.weightsShape(spec));
    INDArray bias = ConvolutionCases.normal(random, ConvolutionCases.OC);
    INDArray diff = ConvolutionCases.normal(random, ConvolutionCases.outputShape(spec));
    INDArray output = ConvolutionCases.zeros(diff.shape());
    INDArray diffInput = ConvolutionCases.zeros(input.shape());
    INDArray diffWeights = ConvolutionCases.zeros(weights.shape());
    INDArray diffBias = ConvolutionCases.zeros(bias.shape());
    ArrayConvolution convolution = new ArrayConvolution(spec, OpPrecision.DEFAULT);
    convolution.forward(input, weights, bias, output);
    convolution.backward(input, weights, diff, diffInput, diffWeights, diffBias);

    long taps = (long) spec.kh() * spec.kw();
    assertClose(
        exec("conv2d", spec, input, weights, bias)[0],
        output,
        taps * ConvolutionCases.IC,
        input,
        weights);
    INDArray[] gradients = exec("conv2d_bp", spec, input, weights, bias, diff);
    assertClose(gradients[0], diffInput, taps * ConvolutionCases.OC, diff, weights);
    assertClose(gradients[1], diffWeights, diff.length() / ConvolutionCases.OC, input, diff);
    long sums = diff.length() / ConvolutionCases.OC;
    double amax = diff.amaxNumber().doubleValue();
    assertClose(gradients[2], diffBias, sums * 0x1p-24 * amax * sums);
  }

  @ParameterizedTest
  @MethodSource("all")
  void productsHaveTheBitsOfTheirDefinition(ConvolutionSpec spec) {
    check(spec, OpPrecision.DEFAULT, UnaryOperator.identity());
  }

  @ParameterizedTest
  @EnumSource(Rounding.class)
  void roundingAndHeadroomAreThoseOfThePrecision(Rounding rounding) {
    ConvolutionSpec spec = ConvolutionCases.geometries().findFirst().orElseThrow();
    check(spec, OpPrecision.rounding(rounding).withSeed(SEED), UnaryOperator.identity());
    check(
        spec,
        new OpPrecision(
            true, true, true, rounding, Rounding.NEAREST_EVEN, Rounding.STOCHASTIC, 2, SEED, false),
        UnaryOperator.identity());
  }

  static Stream<ConvolutionSpec> geometries() {
    return ConvolutionCases.geometries();
  }

  @ParameterizedTest
  @MethodSource("geometries")
  void arraysMayHaveGapsAndAnyOrder(ConvolutionSpec spec) {
    check(spec, OpPrecision.DEFAULT, ConvolutionCases::scattered);
    check(
        ConvolutionCases.with(spec, true, WeightsFormat.OYXI),
        OpPrecision.DEFAULT,
        ConvolutionCases::scattered);
  }

  private static void check(
      ConvolutionSpec spec, OpPrecision precision, UnaryOperator<INDArray> layout) {
    Random random = new Random(SEED);
    INDArray input = ConvolutionCases.normal(random, ConvolutionCases.inputShape(spec));
    INDArray weights = ConvolutionCases.normal(random, ConvolutionCases.weightsShape(spec));
    INDArray diff = ConvolutionCases.normal(random, ConvolutionCases.outputShape(spec));
    ExactConvolution exact = new ExactConvolution(spec, precision, input, weights, diff);
    INDArray output = layout.apply(ConvolutionCases.zeros(diff.shape()));
    INDArray diffInput = layout.apply(ConvolutionCases.zeros(input.shape()));
    INDArray diffWeights = layout.apply(ConvolutionCases.zeros(weights.shape()));
    ArrayConvolution convolution = new ArrayConvolution(spec, precision);
    convolution.forward(layout.apply(input), layout.apply(weights), null, output);
    convolution.backward(
        layout.apply(input), layout.apply(weights), layout.apply(diff), diffInput, null, null);
    convolution.backward(
        layout.apply(input), layout.apply(weights), layout.apply(diff), null, diffWeights, null);
    ConvolutionCases.assertSameBits(exact.output, output);
    ConvolutionCases.assertSameBits(exact.diffInput, diffInput);
    ConvolutionCases.assertSameBits(exact.diffWeights, diffWeights);
  }

  @ParameterizedTest
  @CsvSource({"false,false,false", "true,false,true", "false,true,false"})
  void productsThatAreOffAreNd4jsFp32(boolean forward, boolean data, boolean weightsOn) {
    ConvolutionSpec spec = ConvolutionCases.geometries().toList().get(1);
    Random random = new Random(SEED);
    INDArray input = ConvolutionCases.normal(random, ConvolutionCases.inputShape(spec));
    INDArray weights = ConvolutionCases.normal(random, ConvolutionCases.weightsShape(spec));
    INDArray diff = ConvolutionCases.normal(random, ConvolutionCases.outputShape(spec));
    INDArray output = ConvolutionCases.zeros(diff.shape());
    INDArray diffInput = ConvolutionCases.zeros(input.shape());
    INDArray diffWeights = ConvolutionCases.zeros(weights.shape());
    ArrayConvolution convolution =
        new ArrayConvolution(spec, OpPrecision.DEFAULT.withProducts(forward, data, weightsOn));
    convolution.forward(input, weights, null, output);
    convolution.backward(input, weights, diff, diffInput, diffWeights, null);
    ExactConvolution exact = new ExactConvolution(spec, OpPrecision.DEFAULT, input, weights, diff);
    INDArray[] bp = {
      ConvolutionCases.zeros(input.shape()), ConvolutionCases.zeros(weights.shape())
    };
    DynamicCustomOp op =
        DynamicCustomOp.builder("conv2d_bp").addInputs(input, weights, diff).addOutputs(bp).build();
    op.addIArgument(spec.integers());
    Nd4j.exec(op);
    INDArray fp32 = ConvolutionCases.zeros(diff.shape());
    Nd4j.exec(new Conv2D(input, weights, null, fp32, spec.toConfig()));
    ConvolutionCases.assertSameBits(forward ? exact.output : fp32, output);
    ConvolutionCases.assertSameBits(data ? exact.diffInput : bp[0], diffInput);
    ConvolutionCases.assertSameBits(weightsOn ? exact.diffWeights : bp[1], diffWeights);
    assertFalse(Fp32Section.isActive());
  }

  @Test
  void aBatchOfNothingHasNoOutputAndGradientsOfZero() {
    ConvolutionSpec spec = ConvolutionCases.geometries().findFirst().orElseThrow();
    INDArray input = ConvolutionCases.zeros(0, 3, 9, 8);
    INDArray weights = ConvolutionCases.normal(new Random(SEED), 3, 2, 3, 4);
    long[] shape = spec.outputShape(input.shape(), weights.shape());
    assertArrayEquals(new long[] {0, 4, 7, 7}, shape);
    INDArray output = ConvolutionCases.zeros(shape);
    INDArray diffWeights = weights.dup();
    INDArray diffBias = Nd4j.ones(DataType.FLOAT, 4);
    ArrayConvolution convolution = new ArrayConvolution(spec, OpPrecision.DEFAULT);
    convolution.forward(input, weights, null, output);
    convolution.backward(
        input, weights, output, ConvolutionCases.zeros(input.shape()), diffWeights, diffBias);
    assertEquals(0, diffWeights.amaxNumber().doubleValue());
    assertEquals(0, diffBias.amaxNumber().doubleValue());
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void badNumbersBecomeNanOrAnException(float bad) {
    ConvolutionSpec spec = ConvolutionCases.geometries().findFirst().orElseThrow();
    INDArray input = ConvolutionCases.zeros(ConvolutionCases.inputShape(spec));
    INDArray weights = ConvolutionCases.zeros(ConvolutionCases.weightsShape(spec));
    input.putScalar(5, bad);
    INDArray output = ConvolutionCases.zeros(ConvolutionCases.outputShape(spec));
    new ArrayConvolution(spec, OpPrecision.DEFAULT).forward(input, weights, null, output);
    assertEquals(output.length(), output.isNaN().castTo(DataType.INT64).sumNumber().longValue());
    ArrayConvolution strict = new ArrayConvolution(spec, OpPrecision.DEFAULT.withStrict(true));
    ArithmeticException e =
        assertThrows(ArithmeticException.class, () -> strict.forward(input, weights, null, output));
    assertEquals("src: expected finite numbers, got a NaN or an infinity (conv2d)", e.getMessage());
  }

  @Test
  void theGradientByTheBiasIsFp32() {
    ConvolutionSpec spec = ConvolutionCases.geometries().findFirst().orElseThrow();
    INDArray input = ConvolutionCases.zeros(ConvolutionCases.inputShape(spec));
    INDArray weights = ConvolutionCases.zeros(ConvolutionCases.weightsShape(spec));
    INDArray diffDst = ConvolutionCases.zeros(ConvolutionCases.outputShape(spec));
    long channels = spec.shape(input.shape(), weights.shape()).oc();
    INDArray bytes = Nd4j.zeros(DataType.INT8, channels);
    ArrayConvolution convolution = new ArrayConvolution(spec, OpPrecision.DEFAULT);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> convolution.backward(input, weights, diffDst, null, null, bytes));
    assertEquals("diffBias: expected data type FLOAT, got BYTE", e.getMessage());
  }

  private static INDArray[] exec(String op, ConvolutionSpec spec, INDArray... inputs) {
    INDArray[] doubles =
        Stream.of(inputs).map(x -> x.castTo(DataType.DOUBLE)).toArray(INDArray[]::new);
    DynamicCustomOp custom = DynamicCustomOp.builder(op).addInputs(doubles).build();
    custom.addIArgument(spec.integers());
    return Nd4j.exec(custom);
  }

  /** {@code |Σ (a + δa)(b + δb) - Σ a·b| <= terms·(amax_a·ε_b + amax_b·ε_a + ε_a·ε_b)}. */
  private static void assertClose(
      INDArray expected, INDArray actual, long terms, INDArray a, INDArray b) {
    double amaxA = a.amaxNumber().doubleValue();
    double amaxB = b.amaxNumber().doubleValue();
    double product = amaxA * amaxB * (2 * OPERAND_ERROR + OPERAND_ERROR * OPERAND_ERROR);
    assertClose(expected, actual, terms * (product + 0x1p-23 * amaxA * amaxB));
  }

  private static void assertClose(INDArray expected, INDArray actual, double bound) {
    assertArrayEquals(expected.shape(), actual.shape());
    double error = expected.sub(actual.castTo(DataType.DOUBLE)).amaxNumber().doubleValue();
    assertTrue(error <= bound, "seed " + SEED + ": error " + error + ", bound " + bound);
  }
}
