package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Map;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.DfpTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * ND4J op {@code dfp_quantize}: the mantissas and the exponent of a tensor, {@code x ≈ mantissas ·
 * 2^exponent}, as {@link Quantizer} defines them. The gradient by x is 0, as that of ND4J's own
 * rounding.
 *
 * <pre>
 *   inputs    x, FP32 of any shape
 *   outputs   mantissas, INT16 of the shape of x; exponent, INT32, a scalar
 *   integers  rounding, headroom, seed, or none of these
 * </pre>
 *
 * <p>A NaN or an infinity in x has no mantissa and is an {@link ArithmeticException}.
 */
public class DfpQuantize extends AbstractDfpOp {

  /** The op's name. */
  public static final String NAME = "dfp_quantize";

  private static final int INTEGERS = 3;

  /** Without arguments yet, as ND4J makes ops of saved graphs. */
  public DfpQuantize() {}

  /** In a graph. */
  public DfpQuantize(SameDiff sameDiff, SDVariable x, Quantizer quantizer) {
    super(sameDiff, x);
    set(quantizer);
  }

  /** On an array; the outputs are new arrays. */
  public DfpQuantize(INDArray x, Quantizer quantizer) {
    this(x, null, null, quantizer);
  }

  /** On arrays. */
  public DfpQuantize(INDArray x, INDArray mantissas, INDArray exponent, Quantizer quantizer) {
    super(
        new INDArray[] {x},
        mantissas == null && exponent == null ? null : new INDArray[] {mantissas, exponent});
    set(quantizer);
  }

  private void set(Quantizer quantizer) {
    addIArgument(OpPrecision.number(quantizer.rounding()), quantizer.headroom(), quantizer.seed());
  }

  @Override
  public String opName() {
    return NAME;
  }

  @Override
  public int getNumOutputs() {
    return 2;
  }

  @Override
  List<LongShapeDescriptor> shapes(OpCall call) {
    call.checkInputs(1, 1);
    return List.of(descriptor(DataType.INT16, call.input(0).shape()), descriptor(DataType.INT32));
  }

  @Override
  void run(OpCall call, OpPrecision precision) {
    INDArray x = call.input(0);
    Arguments.checkFloat("x", x);
    Arguments.checkType("mantissas", call.output(0), DataType.INT16);
    Arguments.checkShape("mantissas", call.output(0), x.shape());
    Arguments.checkType("exponent", call.output(1), DataType.INT32);
    Quantizer quantizer = precision.quantizer(TensorRole.SRC);
    if (x.isEmpty()) {
      call.output(1).assign(quantizer.exponent(0));
      return;
    }
    float[] values = FloatArrays.read(x);
    DfpTensor quantized = quantizer.quantize(values, x.shape());
    if (!quantized.finite()) {
      throw new ArithmeticException("x: expected finite numbers, got " + Quantizer.amax(values));
    }
    ShortArrays.write(call.output(0), quantized.mantissas());
    call.output(1).assign(quantized.exponent());
  }

  @Override
  int settings() {
    return 0;
  }

  @Override
  OpPrecision precision(OpCall call) {
    List<Long> all = call.integers();
    if (all.isEmpty()) {
      return OpPrecision.DEFAULT;
    }
    if (all.size() != INTEGERS) {
      throw new IllegalArgumentException(
          "integer arguments: expected 0 or %d, got %d".formatted(INTEGERS, all.size()));
    }
    return OpPrecision.rounding(OpPrecision.roundingOf("x", all.get(0)))
        .withHeadroom(Math.toIntExact(all.get(1)))
        .withSeed(all.get(2));
  }

  @Override
  void properties(OpCall call, Map<String, Object> written) {}

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
    checkTypes(inputTypes, 1, 1, DataType.FLOAT);
    return List.of(DataType.INT16, DataType.INT32);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of(sameDiff.zerosLike(arg()));
  }
}
