package org.dfp4j.backend.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.dfp4j.backend.tensor.Quantizer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.DynamicCustomOp;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The gradients that SameDiff gets by {@code doDiff}, against finite differences of the same
 * mathematics in FP64.
 *
 * <p>The loss {@code Σ r·f(x, w, b)} is linear in each element of x, w and b, so that the
 * difference of its values at +1/2 and -1/2 is the derivative but for the rounding of FP64.
 */
class SameDiffGradientTest {

  private static final long SEED = 3;

  /** Elements of each tensor whose derivative is compared. */
  private static final int SAMPLES = 10;

  /** Largest rounding error of an operand over its largest value; at the top of the binade. */
  private static final double OPERAND_ERROR = 0x1p-14;

  private final Random random = new Random(SEED);

  static Stream<ConvolutionSpec> convolutions() {
    return ConvolutionCases.all();
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void convolution(ConvolutionSpec spec) {
    INDArray x = ConvolutionCases.normal(random, ConvolutionCases.inputShape(spec));
    INDArray w = ConvolutionCases.normal(random, ConvolutionCases.weightsShape(spec));
    INDArray b = ConvolutionCases.normal(random, ConvolutionCases.OC);
    INDArray r = ConvolutionCases.normal(random, ConvolutionCases.outputShape(spec));
    SameDiff sd = SameDiff.create();
    SDVariable z =
        DfpOps.conv2d(sd, "z", sd.var("x", x), sd.var("w", w), sd.var("b", b), spec.toConfig());
    z.mul(sd.constant("r", r)).sum("loss").markAsLoss();
    Map<String, INDArray> gradients = sd.calculateGradients(Map.of(), "x", "w", "b");

    INDArray[] doubles = doubles(x, w, b);
    INDArray factors = r.castTo(DataType.DOUBLE);
    ToDoubleFunction<INDArray[]> loss =
        arrays -> {
          DynamicCustomOp op = DynamicCustomOp.builder("conv2d").addInputs(arrays).build();
          op.addIArgument(spec.integers());
          return Nd4j.exec(op)[0].mul(factors).sumNumber().doubleValue();
        };
    long taps = (long) spec.kh() * spec.kw();
    long pixels = r.length() / ConvolutionCases.OC;
    check(gradients.get("x"), doubles, 0, loss, bound(taps * ConvolutionCases.OC, r, w));
    check(gradients.get("w"), doubles, 1, loss, bound(pixels, x, r));
    check(gradients.get("b"), doubles, 2, loss, pixels * pixels * 0x1p-23 * amax(r));
  }

  @ParameterizedTest
  @CsvSource({"false,false", "true,false", "false,true", "true,true"})
  void matrixProduct(boolean transposeA, boolean transposeB) {
    int m = 5;
    int k = 7;
    int n = 3;
    INDArray a = ConvolutionCases.normal(random, transposeA ? k : m, transposeA ? m : k);
    INDArray b = ConvolutionCases.normal(random, transposeB ? n : k, transposeB ? k : n);
    INDArray r = ConvolutionCases.normal(random, m, n);
    SameDiff sd = SameDiff.create();
    SDVariable c =
        DfpOps.matmul(
            sd, "c", sd.var("a", a), sd.var("b", b), transposeA, transposeB, OpPrecision.DEFAULT);
    c.mul(sd.constant("r", r)).sum("loss").markAsLoss();
    Map<String, INDArray> gradients = sd.calculateGradients(Map.of(), "a", "b");
    INDArray[] doubles = doubles(a, b);
    INDArray factors = r.castTo(DataType.DOUBLE);
    ToDoubleFunction<INDArray[]> loss =
        x -> Nd4j.gemm(x[0], x[1], transposeA, transposeB).mul(factors).sumNumber().doubleValue();
    check(gradients.get("a"), doubles, 0, loss, bound(n, r, b));
    check(gradients.get("b"), doubles, 1, loss, bound(m, a, r));
  }

  private static INDArray[] doubles(INDArray... arrays) {
    return Stream.of(arrays).map(x -> x.castTo(DataType.DOUBLE)).toArray(INDArray[]::new);
  }

  /** {@code |Σ (a + δa)(b + δb) - Σ a·b| <= terms·(amax_a·ε_b + amax_b·ε_a + ε_a·ε_b)}. */
  private static double bound(long terms, INDArray a, INDArray b) {
    double relative = 2 * OPERAND_ERROR + OPERAND_ERROR * OPERAND_ERROR + 0x1p-23;
    return terms * amax(a) * amax(b) * relative;
  }

  private static double amax(INDArray x) {
    return x.amaxNumber().doubleValue();
  }

  private void check(
      INDArray gradient,
      INDArray[] arrays,
      int index,
      ToDoubleFunction<INDArray[]> loss,
      double bound) {
    INDArray x = arrays[index];
    for (int sample = 0; sample < SAMPLES; sample++) {
      long element = random.nextInt(Math.toIntExact(x.length()));
      double value = x.getDouble(element);
      x.putScalar(element, value + 0.5);
      double above = loss.applyAsDouble(arrays);
      x.putScalar(element, value - 0.5);
      double below = loss.applyAsDouble(arrays);
      x.putScalar(element, value);
      double rounding = 0x1p-40 * (Math.abs(above) + Math.abs(below) + x.length());
      assertEquals(
          above - below,
          gradient.getDouble(element),
          bound + rounding,
          "seed " + SEED + ", tensor " + index + ", element " + element);
    }
  }

  @Test
  void quantizationHasTheGradientOfRounding() {
    INDArray x = ConvolutionCases.normal(random, 3, 4);
    SameDiff sd = SameDiff.create();
    SDVariable in = sd.var("x", x);
    SDVariable[] q = DfpOps.quantize(sd, new String[] {"m", "e"}, in, Quantizer.DEFAULT);
    SDVariable back = DfpOps.dequantize(sd, "y", q[0], q[1]);
    back.add(in).sum("loss").markAsLoss();
    Map<String, INDArray> out = sd.output(Map.of(), "y", "m", "e");
    assertEquals(DataType.INT16, out.get("m").dataType());
    assertEquals(DataType.INT32, out.get("e").dataType());
    double error = out.get("y").sub(x).amaxNumber().doubleValue();
    assertTrue(error <= amax(x) * OPERAND_ERROR, "error " + error);
    assertEquals(Nd4j.ones(DataType.FLOAT, 3, 4), sd.calculateGradients(Map.of(), "x").get("x"));
  }

  @Test
  void gradientsHaveNoGradients() {
    SameDiff sd = SameDiff.create();
    SDVariable a = sd.var("a", Nd4j.ones(DataType.FLOAT, 2, 2));
    DfpMatmulBp op =
        new DfpMatmulBp(sd, new SDVariable[] {a, a, a}, false, false, OpPrecision.DEFAULT);
    UnsupportedOperationException e =
        assertThrows(UnsupportedOperationException.class, () -> op.doDiff(null));
    assertEquals(
        "doDiff: expected an op of a forward pass, got dfp_matmul_bp (op dfp_matmul_bp)",
        e.getMessage());
  }

  @Test
  void aGraphOfAnotherTypeIsAnErrorWhenItIsMade() {
    SameDiff sd = SameDiff.create();
    SDVariable a = sd.var("a", Nd4j.ones(DataType.DOUBLE, 2, 2));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> DfpOps.matmul(sd, "c", a, a));
    assertEquals("input 0: expected data type FLOAT, got DOUBLE (op dfp_matmul)", e.getMessage());
  }
}
