package org.dfp4j.backend.ops;

import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * ND4J op {@code dfp_conv2d_bp}: the gradients of {@link DfpConv2d}, as ND4J's {@code conv2d_bp}
 * has them. They have no gradients of their own.
 *
 * <pre>
 *   inputs    input, weights, bias (may be missing), gradient by the output
 *   outputs   gradients by the inputs: input, weights, bias (where there is one)
 *   integers, booleans  those of dfp_conv2d
 * </pre>
 */
public class DfpConv2dBp extends DfpConv2d {

  /** The op's name. */
  public static final String NAME = "dfp_conv2d_bp";

  /** Without arguments yet, as ND4J makes ops of saved graphs. */
  public DfpConv2dBp() {}

  /**
   * In a graph.
   *
   * @param inputs input, weights, perhaps bias, and the gradient by the output
   */
  public DfpConv2dBp(
      SameDiff sameDiff, SDVariable[] inputs, ConvolutionSpec spec, OpPrecision precision) {
    super(sameDiff, inputs, spec, precision);
  }

  /**
   * On arrays.
   *
   * @param bias null for none
   * @param diffDst the gradient by the output
   * @param outputs gradients by input, weights and bias (where there is one); null for new arrays
   */
  public DfpConv2dBp(
      INDArray input,
      INDArray weights,
      INDArray bias,
      INDArray diffDst,
      INDArray[] outputs,
      ConvolutionSpec spec,
      OpPrecision precision) {
    super(
        bias == null
            ? new INDArray[] {input, weights, diffDst}
            : new INDArray[] {input, weights, bias, diffDst},
        outputs,
        spec,
        precision);
  }

  @Override
  public String opName() {
    return NAME;
  }

  @Override
  public int getNumOutputs() {
    return inputCount() - 1;
  }

  @Override
  List<LongShapeDescriptor> shapes(OpCall call) {
    call.checkInputs(3, 4);
    int last = call.inputs().size() - 1;
    long[] output =
        ConvolutionSpec.of(call.integers())
            .outputShape(call.input(0).shape(), call.input(1).shape());
    Arguments.checkShape("gradient by the output", call.input(last), output);
    return call.inputs().subList(0, last).stream()
        .map(x -> descriptor(DataType.FLOAT, x.shape()))
        .toList();
  }

  @Override
  void run(OpCall call, OpPrecision precision) {
    int last = call.inputs().size() - 1;
    new ArrayConvolution(ConvolutionSpec.of(call.integers()), precision)
        .backward(
            call.input(0),
            call.input(1),
            call.input(last),
            call.output(0),
            call.output(1),
            last == 3 ? call.output(2) : null);
  }

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
    checkTypes(inputTypes, 3, 4, DataType.FLOAT);
    return Collections.nCopies(inputTypes.size() - 1, DataType.FLOAT);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    throw noGradient();
  }
}
