package org.dfp4j.backend.nd4j;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;

/** One of ND4J's ops that the integer kernels can compute too. */
interface SwappableOp {

  /** All of them by ND4J's name. */
  Map<String, SwappableOp> BY_NAME =
      Map.ofEntries(
          Map.entry("conv1d", new SwappableConvolution(SwappableConvolution.Kind.SEQUENCE, false)),
          Map.entry(
              "conv1d_bp", new SwappableConvolution(SwappableConvolution.Kind.SEQUENCE, true)),
          Map.entry("conv2d", new SwappableConvolution(SwappableConvolution.Kind.IMAGE, false)),
          Map.entry("conv2d_bp", new SwappableConvolution(SwappableConvolution.Kind.IMAGE, true)),
          Map.entry("deconv2d", new SwappableDeconvolution(false)),
          Map.entry("deconv2d_bp", new SwappableDeconvolution(true)),
          Map.entry("matmul", SwappableMatmul::forward),
          Map.entry("matmul_bp", SwappableMatmul::backward),
          Map.entry("xw_plus_b", SwappableMatmul::linear),
          Map.entry("relu_layer", SwappableMatmul::reluLayer));

  /**
   * What would run.
   *
   * @param work writes the op's outputs; null where ND4J has to
   * @param products how many pairs of numbers the op multiplies
   * @param reason why ND4J has to; empty where it has not
   */
  record Plan(Runnable work, long products, String reason) {

    static Plan keep(String reason) {
      return new Plan(null, 0, reason);
    }

    static Plan swap(long products, Runnable work) {
      return new Plan(work, products, "");
    }
  }

  /**
   * Looks at the arguments and computes nothing. Where they are not what the kernels compute, or
   * are wrong, ND4J has to run the op, or to refuse it in its own words.
   */
  Plan plan(CustomOp op, OpContext context);

  /** Why arrays cannot be the operands of a product; null where they can. */
  static String refuse(List<INDArray> inputs, List<INDArray> outputs) {
    if (inputs.contains(null) || outputs.contains(null)) {
      return "an array is missing";
    }
    for (INDArray x : Stream.concat(inputs.stream(), outputs.stream()).toList()) {
      if (x.dataType() != DataType.FLOAT) {
        return "data type " + x.dataType();
      }
      if (x.isEmpty()) {
        return "an array without elements";
      }
      if (x.isCompressed()) {
        return "a compressed array";
      }
    }
    for (INDArray output : outputs) {
      for (INDArray input : inputs) {
        if (output.data().address() == input.data().address()
            && output.offset() == input.offset()) {
          return "an output in place of an input";
        }
      }
    }
    return null;
  }
}
