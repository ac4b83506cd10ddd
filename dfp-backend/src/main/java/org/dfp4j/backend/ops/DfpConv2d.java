package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Map;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * ND4J op {@code dfp_conv2d}: a 2-D convolution in DFP-16, {@code output = input ⊛ weights (+
 * bias)}. Takes what ND4J's {@code conv2d} takes: the same inputs, and the same integer arguments
 * before its own.
 *
 * <pre>
 *   inputs    input, weights, bias (may be missing), FP32, in the formats of {@link ConvolutionSpec}
 *   output    FP32
 *   integers  kh kw sh sw ph pw dh dw, padding mode, 1 for NHWC, weights format;
 *             then rounding of src, weights and diffDst, headroom, seed, or none of these
 *   booleans  forward, backwardData, backwardWeights, strict, or none
 * </pre>
 */
public class DfpConv2d extends AbstractDfpOp {

  /** The op's name. */
  public static final String NAME = "dfp_conv2d";

  /** Without arguments yet, as ND4J makes ops of saved graphs. */
  public DfpConv2d() {}

  /**
   * In a graph.
   *
   * @param inputs input, weights and perhaps bias
   */
  public DfpConv2d(
      SameDiff sameDiff, SDVariable[] inputs, ConvolutionSpec spec, OpPrecision precision) {
    super(sameDiff, inputs);
    arguments(precision, spec.integers());
  }

  /**
   * On arrays.
   *
   * @param bias null for none
   * @param output null for a new array
   */
  public DfpConv2d(
      INDArray input,
      INDArray weights,
      INDArray bias,
      INDArray output,
      ConvolutionSpec spec,
      OpPrecision precision) {
    this(
        bias == null ? new INDArray[] {input, weights} : new INDArray[] {input, weights, bias},
        output == null ? null : new INDArray[] {output},
        spec,
        precision);
  }

  DfpConv2d(INDArray[] inputs, INDArray[] outputs, ConvolutionSpec spec, OpPrecision precision) {
    super(inputs, outputs);
    arguments(precision, spec.integers());
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
    call.checkInputs(2, 3);
    long[] shape =
        ConvolutionSpec.of(call.integers())
            .outputShape(call.input(0).shape(), call.input(1).shape());
    return List.of(descriptor(DataType.FLOAT, shape));
  }

  @Override
  void run(OpCall call, OpPrecision precision) {
    new ArrayConvolution(ConvolutionSpec.of(call.integers()), precision)
        .forward(
            call.input(0),
            call.input(1),
            call.inputs().size() == 3 ? call.input(2) : null,
            call.output(0));
  }

  @Override
  final int settings() {
    return ConvolutionSpec.INTEGERS;
  }

  @Override
  final void properties(OpCall call, Map<String, Object> written) {
    ConvolutionSpec.of(call.integers()).properties(written);
  }

  @Override
  public List<DataType> calculateOutputDataTypes(List<DataType> inputTypes) {
    checkTypes(inputTypes, 2, 3, DataType.FLOAT);
    return List.of(DataType.FLOAT);
  }

  @Override
  public List<SDVariable> doDiff(List<SDVariable> gradients) {
    OpCall call = OpCall.of(this);
    DfpConv2dBp gradient =
        new DfpConv2dBp(
            sameDiff,
            inputsAnd(gradients.get(0)),
            ConvolutionSpec.of(call.integers()),
            precision(call));
    return List.of(gradient.outputVariables());
  }
}
