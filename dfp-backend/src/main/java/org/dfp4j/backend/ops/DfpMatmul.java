package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * ND4J op {@code dfp_matmul}: a matrix product in DFP-16, see {@link ArrayMatmul}.
 *
 * <pre>
 *   inputs    a, b: matrices, FP32
 *   output    c = A · B, FP32
 *   integers  1 where a is to be transposed, 1 where b is; none for 0 0;
 *             then rounding of a, b and diffC, headroom, seed, or none of these
 *   booleans  forward, gradient by a, gradient by b, strict, or none
 * </pre>
 */
public class DfpMatmul extends AbstractDfpOp {

  /** The op's name. */
  public static final String NAME = "dfp_matmul";

  private static final int SETTINGS = 2;

  /** Without arguments yet, as ND4J makes ops of saved graphs. */
  public DfpMatmul() {}

  /**
   * In a graph.
   *
   * @param inputs a and b
   */
  public DfpMatmul(
      SameDiff sameDiff,
      SDVariable[] inputs,
      boolean transposeA,
      boolean transposeB,
      OpPrecision precision) {
    super(sameDiff, inputs);
    arguments(precision, transposeA ? 1 : 0, transposeB ? 1 : 0);
  }

  /**
   * On arrays.
   *
   * @param c null for a new array
   */
  public DfpMatmul(
      INDArray a,
      INDArray b,
      INDArray c,
      boolean transposeA,
      boolean transposeB,
      OpPrecision precision) {
    this(
        new INDArray[] {a, b},
        c == null ? null : new INDArray[] {c},
        transposeA,
        transposeB,
        precision);
  }

  DfpMatmul(
      INDArray[] inputs,
      INDArray[] outputs,
      boolean transposeA,
      boolean transposeB,
      OpPrecision precision) {
    super(inputs, outputs);
    arguments(precision, transposeA ? 1 : 0, transposeB ? 1 : 0);
  }

  @Override
  public String opName() {
    return NAME;
  }

  @Override
  public int getNumOutputs() {
    return 1;
  }

  @Override
  List<LongShapeDescriptor> shapes(OpCall call) {
    call.checkInputs(2, 2);
    long[] shape = matmul(call).outputShape(call.input(0).shape(), call.input(1).shape());
    return List.of(descriptor(DataType.FLOAT, shape));
  }

  @Override
  void run(OpCall call, OpPrecision precision) {
    matmul(call, precision).forward(call.input(0), call.input(1), call.output(0));
  }

  final ArrayMatmul matmul(OpCall call) {
    return matmul(call, precision(call));
  }

  static ArrayMatmul matmul(OpCall call, OpPrecision precision) {
    return new ArrayMatmul(flag(call, 0, "transposeA"), flag(call, 1, "transposeB"), precision);
  }

  private static boolean flag(OpCall call, int index, String name) {
    long value = index < call.integers().size() ? call.integers().get(index) : 0;
    if (value != 0 && value != 1) {
      throw new IllegalArgumentException(name + ": expected 0 or 1, got " + value);
    }
    return value == 1;
  }

  @Override
  final int settings() {
    return SETTINGS;
  }

  @Override
  final void properties(OpCall call, Map<String, Object> written) {
    ArrayMatmul matmul = matmul(call);
    written.put("transposeA", matmul.transposeA());
    written.put("transposeB", matmul.transposeB());
  }

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
    checkTypes(inputTypes, 2, 2, DataType.FLOAT);
    return List.of(DataType.FLOAT);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    ArrayMatmul matmul = matmul(OpCall.of(this));
    DfpMatmulBp gradient =
        new DfpMatmulBp(
            sameDiff,
            inputsAnd(gradients.get(0)),
            matmul.transposeA(),
            matmul.transposeB(),
            matmul.precision());
    return List.of(gradient.outputVariables());
  }
}
