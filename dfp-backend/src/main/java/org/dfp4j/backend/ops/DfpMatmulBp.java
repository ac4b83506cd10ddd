package org.dfp4j.backend.ops;

import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * ND4J op {@code dfp_matmul_bp}: the gradients of {@link DfpMatmul}. They have no gradients of
 * their own.
 *
 * <pre>
 *   inputs    a, b, gradient by c
 *   outputs   gradient by a, gradient by b
 *   integers, booleans  those of dfp_matmul
 * </pre>
 */
public class DfpMatmulBp extends DfpMatmul {

  /** The op's name. */
  public static final String NAME = "dfp_matmul_bp";

  /** Without arguments yet, as ND4J makes ops of saved graphs. */
  public DfpMatmulBp() {}

  /**
   * In a graph.
   *
   * @param inputs a, b and the gradient by c
   */
  public DfpMatmulBp(
      SameDiff sameDiff,
      SDVariable[] inputs,
      boolean transposeA,
      boolean transposeB,
      OpPrecision precision) {
    super(sameDiff, inputs, transposeA, transposeB, precision);
  }

  /**
   * On arrays.
   *
   * @param diffC the gradient by c
   * @param outputs gradients by a and b; null for new arrays
   */
  public DfpMatmulBp(
      INDArray a,
      INDArray b,
      INDArray diffC,
      INDArray[] outputs,
      boolean transposeA,
      boolean transposeB,
      OpPrecision precision) {
    super(new INDArray[] {a, b, diffC}, outputs, transposeA, transposeB, precision);
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
    call.checkInputs(3, 3);
    long[] a = call.input(0).shape();
    long[] b = call.input(1).shape();
    Arguments.checkShape("gradient by c", call.input(2), matmul(call).outputShape(a, b));
    return List.of(descriptor(DataType.FLOAT, a), descriptor(DataType.FLOAT, b));
  }

  @Override
  void run(OpCall call, OpPrecision precision) {
    matmul(call, precision)
        .backward(call.input(0), call.input(1), call.input(2), call.output(0), call.output(1));
  }

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
    checkTypes(inputTypes, 3, 3, DataType.FLOAT);
    return List.of(DataType.FLOAT, DataType.FLOAT);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    throw noGradient();
  }
}
