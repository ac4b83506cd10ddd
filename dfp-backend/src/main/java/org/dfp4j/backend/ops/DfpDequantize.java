package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Map;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.tensor.DfpTensor;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * ND4J op {@code dfp_dequantize}: the values of a quantized tensor, {@code x = mantissas ·
 * 2^exponent}, each the nearest float. Its inputs are integers and have no gradient.
 *
 * <pre>
 *   inputs    mantissas, INT16 of any shape, -32767 to 32767; exponent, INT32, a scalar, -400 to 400
 *   output    x, FP32 of the shape of the mantissas
 * </pre>
 */
public class DfpDequantize extends AbstractDfpOp {

  /** The op's name. */
  public static final String NAME = "dfp_dequantize";

  /** As ND4J makes ops of saved graphs. */
  public DfpDequantize() {}

  /** In a graph. */
  public DfpDequantize(SameDiff sameDiff, SDVariable mantissas, SDVariable exponent) {
    super(sameDiff, mantissas, exponent);
  }

  /**
   * On arrays.
   *
   * @param x null for a new array
   */
  public DfpDequantize(INDArray mantissas, INDArray exponent, INDArray x) {
    super(new INDArray[] {mantissas, exponent}, x == null ? null : new INDArray[] {x});
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
    return List.of(descriptor(DataType.FLOAT, call.input(0).shape()));
  }

  @Override
  void run(OpCall call, OpPrecision precision) {
    INDArray mantissas = call.input(0);
    INDArray x = call.output(0);
    Arguments.checkType("mantissas", mantissas, DataType.INT16);
    Arguments.checkFloat("x", x);
    Arguments.checkShape("x", x, mantissas.shape());
    int exponent = exponent(call.input(1));
    if (mantissas.isEmpty()) {
      return;
    }
    short[] integers = ShortArrays.read(mantissas);
    float[] values = new float[integers.length];
    for (int i = 0; i < values.length; i++) {
      if (integers[i] == Short.MIN_VALUE) {
        throw new IllegalArgumentException(
            "mantissas: expected -32767 to 32767, got -32768 at index " + i);
      }
      values[i] = Math.scalb((float) integers[i], exponent);
    }
    FloatArrays.write(x, values);
  }

  private static int exponent(INDArray exponent) {
    Arguments.checkType("exponent", exponent, DataType.INT32);
    if (exponent.length() != 1) {
      throw new IllegalArgumentException("exponent: expected 1 element, got " + exponent.length());
    }
    int value = exponent.getInt(0);
    if (value < DfpTensor.MIN_EXPONENT || value > DfpTensor.MAX_EXPONENT) {
      throw new IllegalArgumentException(
          "exponent: expected %d to %d, got %d"
              .formatted(DfpTensor.MIN_EXPONENT, DfpTensor.MAX_EXPONENT, value));
    }
    return value;
  }

  @Override
  int settings() {
    return 0;
  }

  @Override
  void properties(OpCall call, Map<String, Object> written) {}

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
    checkTypes(inputTypes, 2, 2, DataType.INT16, DataType.INT32);
    return List.of(DataType.FLOAT);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    return List.of(sameDiff.zerosLike(arg(0)), sameDiff.zerosLike(arg(1)));
  }
}
