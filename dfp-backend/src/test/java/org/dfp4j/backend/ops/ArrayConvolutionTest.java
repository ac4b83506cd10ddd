package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
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
