package org.dfp4j.examples.numerics;

import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.dfp4j.backend.tensor.Rounding;
import org.dfp4j.layers.PrecisionPolicy;
import org.dfp4j.layers.conf.LayerPrecision;

/**
 * A way to compute the three products of a layer from FP32 tensors.
 *
 * @param name of a column or row
 * @param operand what happens to a tensor before DL4J's layer sees it
 * @param precision of the DFP-16 layer; null for DL4J's own in FP32
 */
record Arithmetic(String name, UnaryOperator<float[]> operand, LayerPrecision precision) {

  /** DL4J's own layer: im2col and a matrix product in FP32. */
  static final Arithmetic FP32 = new Arithmetic("FP32", UnaryOperator.identity(), null);

  /** DFP-16 with all 15 magnitude bits. */
  static final Arithmetic DFP16 = dfp16("DFP-16", PrecisionPolicy.builder());

  /** Operands rounded to BF16; their products are exact in FP32, and summed in it. */
  static final Arithmetic BF16 = new Arithmetic("BF16", Bf16::round, null);

  /** Operands rounded to INT8 with one scale a tensor, summed in FP32. */
  static final Arithmetic INT8 = new Arithmetic("INT8", Int8::round, null);

  /** The formats side by side. */
  static final List<Arithmetic> FORMATS =
      List.of(
          FP32,
          DFP16,
          new Arithmetic("PAPER", UnaryOperator.identity(), PrecisionPolicy.PAPER.precision()),
          BF16,
          INT8);

  /** DFP-16 with each setting of a policy that could help against large values. */
  static final List<Arithmetic> POLICIES =
      List.of(
          DFP16,
          dfp16("headroom(1)", PrecisionPolicy.builder().headroom(1)),
          dfp16("rounding(STOCHASTIC)", PrecisionPolicy.builder().rounding(Rounding.STOCHASTIC)),
          dfp16("forward(false)", PrecisionPolicy.builder().forward(false)),
          dfp16("backwardData(false)", PrecisionPolicy.builder().backwardData(false)),
          dfp16("backwardWeights(false)", PrecisionPolicy.builder().backwardWeights(false)));

  Arithmetic {
    Objects.requireNonNull(name, "name: expected one, got null");
    Objects.requireNonNull(operand, "operand: expected a function, got null");
  }

  private static Arithmetic dfp16(String name, PrecisionPolicy.Builder policy) {
    return new Arithmetic(name, UnaryOperator.identity(), policy.build().precision());
  }
}
