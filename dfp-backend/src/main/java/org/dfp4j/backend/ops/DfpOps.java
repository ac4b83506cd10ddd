package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Map;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.imports.converters.ImportClassMapping;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;

/**
 * DFP-16 in SameDiff graphs: each method adds an op and returns its outputs.
 *
 * <pre>{@code
 * SDVariable z = DfpOps.conv2d(sd, "conv1", input, weights, bias, config);
 * SDVariable y = DfpOps.matmul(sd, "dense", sd.nn.relu(z, 0).reshape(-1, 720), w);
 * }</pre>
 *
 * <p>The graphs train ({@code sd.fit}), and survive {@code SameDiff.save} and {@code load} and
 * {@code asFlatFile} and {@code fromFlatFile}, settings included, wherever this library is on the
 * class path. The file knows the ops by name only: ND4J's graph runner in C++ cannot run them.
 */
public final class DfpOps {

  private static final List<DifferentialFunction> ALL =
      List.of(
          new DfpQuantize(),
          new DfpDequantize(),
          new DfpConv2d(),
          new DfpConv2dBp(),
          new DfpMatmul(),
          new DfpMatmulBp());

  private DfpOps() {}

  /**
   * Makes the ops known to ND4J, which looks up the classes of the ops of a saved graph, and of one
   * that it differentiates, by name. Calling it again is harmless.
   */
  public static void register() {
    Map<String, DifferentialFunction> known = ImportClassMapping.getOpNameMapping();
    synchronized (known) {
      ALL.forEach(op -> known.putIfAbsent(op.opName(), op));
    }
  }

  /**
   * A 2-D convolution, {@code input ⊛ weights (+ bias)}, as {@code sd.cnn().conv2d}.
   *
   * @param name of the output; null for one that is made up
   * @param bias null for none
   */
  public static SDVariable conv2d(
      SameDiff sd,
      String name,
      SDVariable input,
      SDVariable weights,
      SDVariable bias,
      Conv2DConfig config) {
    return conv2d(sd, name, input, weights, bias, config, OpPrecision.DEFAULT);
  }

  /** As the other {@code conv2d}, with a precision. */
  public static SDVariable conv2d(
      SameDiff sd,
      String name,
      SDVariable input,
      SDVariable weights,
      SDVariable bias,
      Conv2DConfig config,
      OpPrecision precision) {
    SDVariable[] inputs =
        bias == null ? new SDVariable[] {input, weights} : new SDVariable[] {input, weights, bias};
    SDVariable output =
        new DfpConv2d(sd, inputs, ConvolutionSpec.of(config), precision).outputVariable();
    return sd.updateVariableNameAndReference(output, name);
  }

  /**
   * A matrix product, {@code a · b}, as {@code sd.mmul}.
   *
   * @param name of the output; null for one that is made up
   */
  public static SDVariable matmul(SameDiff sd, String name, SDVariable a, SDVariable b) {
    return matmul(sd, name, a, b, false, false, OpPrecision.DEFAULT);
  }

  /** As the other {@code matmul}, of transposed matrices and with a precision. */
  public static SDVariable matmul(
      SameDiff sd,
      String name,
      SDVariable a,
      SDVariable b,
      boolean transposeA,
      boolean transposeB,
      OpPrecision precision) {
    SDVariable output =
        new DfpMatmul(sd, new SDVariable[] {a, b}, transposeA, transposeB, precision)
            .outputVariable();
    return sd.updateVariableNameAndReference(output, name);
  }

  /**
   * Mantissas and exponent of a tensor; see {@link DfpQuantize}.
   *
   * @param names of mantissas and exponent; null for ones that are made up
   */
  public static SDVariable[] quantize(
      SameDiff sd, String[] names, SDVariable x, Quantizer quantizer) {
    SDVariable[] outputs = new DfpQuantize(sd, x, quantizer).outputVariables();
    return sd.updateVariableNamesAndReferences(outputs, names);
  }

  /**
   * The values of a quantized tensor; see {@link DfpDequantize}.
   *
   * @param name of the output; null for one that is made up
   */
  public static SDVariable dequantize(
      SameDiff sd, String name, SDVariable mantissas, SDVariable exponent) {
    SDVariable output = new DfpDequantize(sd, mantissas, exponent).outputVariable();
    return sd.updateVariableNameAndReference(output, name);
  }
}
