package org.dfp4j.backend.nd4j;

import java.util.List;
import java.util.Objects;
import org.dfp4j.backend.nd4j.SwappableOp.Plan;
import org.dfp4j.backend.ops.ArrayMatmul;
import org.dfp4j.backend.ops.OpPrecision;
import org.nd4j.autodiff.functions.DifferentialFunction;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.ops.transforms.Transforms;

/** The products of two matrices, of SameDiff and of DL4J's fully connected layers. */
final class SwappableMatmul {

  private static final int MATRIX = 2;
  private static final Plan NOT_MATRICES = Plan.keep("vectors or batches of matrices");
  private static final Plan NO_FIT = Plan.keep("arrays whose shapes do not fit");

  private SwappableMatmul() {}

  /** {@code c = op(a) · op(b)}; transposed where the third argument says so. */
  static Plan forward(CustomOp op, OpContext context) {
    List<INDArray> inputs = context.getInputArrays();
    List<INDArray> outputs = context.getOutputArrays();
    Plan kept = keep(op, inputs, 2, outputs, 1);
    if (kept != null) {
      return kept;
    }
    if (!isPlain(context.getTArguments())) {
      return Plan.keep("alpha or beta");
    }
    ArrayMatmul matmul = matmul(context);
    INDArray a = inputs.get(0);
    INDArray b = inputs.get(1);
    INDArray c = isTransposed(context, 2) ? outputs.get(0).transpose() : outputs.get(0);
    if (!fits(matmul, a, b, c)) {
      return NO_FIT;
    }
    return Plan.swap(products(matmul, a, c), () -> matmul.forward(a, b, c));
  }

  /** The gradients by a and b. */
  static Plan backward(CustomOp op, OpContext context) {
    List<INDArray> inputs = context.getInputArrays();
    List<INDArray> outputs = context.getOutputArrays();
    Plan kept = keep(op, inputs, 3, outputs, 2);
    if (kept != null) {
      return kept;
    }
    if (!isPlain(context.getTArguments())) {
      return Plan.keep("alpha or beta");
    }
    if (isTransposed(context, 2)) {
      return Plan.keep("a transposed result");
    }
    ArrayMatmul matmul = matmul(context);
    INDArray a = inputs.get(0);
    INDArray b = inputs.get(1);
    INDArray diffC = inputs.get(2);
    INDArray diffA = outputs.get(0);
    INDArray diffB = outputs.get(1);
    if (!fits(matmul, a, b, diffC) || !a.equalShapes(diffA) || !b.equalShapes(diffB)) {
      return NO_FIT;
    }
    return Plan.swap(
        2 * products(matmul, a, diffC), () -> matmul.backward(a, b, diffC, diffA, diffB));
  }

  /** {@code c = a · b + bias}. */
  static Plan linear(CustomOp op, OpContext context) {
    return linear(context, () -> {});
  }

  /** {@code c = max(a · b + bias, 0)}. */
  static Plan reluLayer(CustomOp op, OpContext context) {
    return linear(context, () -> Transforms.relu(context.getOutputArrays().get(0), false));
  }

  private static Plan linear(OpContext context, Runnable activation) {
    List<INDArray> inputs = context.getInputArrays();
    List<INDArray> outputs = context.getOutputArrays();
    String refusal = SwappableOp.refuse(inputs, outputs);
    if (refusal != null) {
      return Plan.keep(refusal);
    }
    if (inputs.size() != 3 || outputs.size() != 1) {
      return Plan.keep("%d inputs and %d outputs".formatted(inputs.size(), outputs.size()));
    }
    if (context.getIArguments().stream().anyMatch(transposed -> transposed != 0)) {
      return Plan.keep("a transposed array");
    }
    INDArray a = inputs.get(0);
    INDArray b = inputs.get(1);
    INDArray bias = inputs.get(2);
    INDArray c = outputs.get(0);
    ArrayMatmul matmul = new ArrayMatmul(false, false, OpPrecision.DEFAULT);
    if (!areMatrices(List.of(a, b, c))) {
      return NOT_MATRICES;
    }
    if (!fits(matmul, a, b, c) || bias.rank() != 1 || bias.length() != c.size(1)) {
      return NO_FIT;
    }
    return Plan.swap(
        products(matmul, a, c),
        () -> {
          matmul.forward(a, b, c);
          c.addiRowVector(bias);
          activation.run();
        });
  }

  private static Plan keep(
      CustomOp op, List<INDArray> inputs, int ins, List<INDArray> outputs, int outs) {
    boolean ofGraph = op instanceof DifferentialFunction function && function.getSameDiff() != null;
    if (!ofGraph && !DenseLayers.isCaller()) {
      return Plan.keep("not of a network's fully connected layer");
    }
    String refusal = SwappableOp.refuse(inputs, outputs);
    if (refusal != null) {
      return Plan.keep(refusal);
    }
    if (inputs.size() != ins || outputs.size() != outs) {
      return Plan.keep("%d inputs and %d outputs".formatted(inputs.size(), outputs.size()));
    }
    return areMatrices(inputs) && areMatrices(outputs) ? null : NOT_MATRICES;
  }

  private static boolean areMatrices(List<INDArray> arrays) {
    return arrays.stream().filter(Objects::nonNull).allMatch(x -> x.rank() == MATRIX);
  }

  /** Whether alpha is 1 and beta 0. */
  private static boolean isPlain(List<Double> scalars) {
    return (scalars.isEmpty() || scalars.get(0) == 1.0)
        && (scalars.size() < 2 || scalars.get(1) == 0.0);
  }

  private static ArrayMatmul matmul(OpContext context) {
    return new ArrayMatmul(isTransposed(context, 0), isTransposed(context, 1), OpPrecision.DEFAULT);
  }

  private static boolean isTransposed(OpContext context, int argument) {
    List<Long> arguments = context.getIArguments();
    return arguments.size() > argument && arguments.get(argument) != 0;
  }

  private static boolean fits(ArrayMatmul matmul, INDArray a, INDArray b, INDArray c) {
    long k = a.size(matmul.transposeA() ? 0 : 1);
    return k == b.size(matmul.transposeB() ? 1 : 0)
        && c.size(0) == a.size(matmul.transposeA() ? 1 : 0)
        && c.size(1) == b.size(matmul.transposeB() ? 0 : 1);
  }

  private static long products(ArrayMatmul matmul, INDArray a, INDArray c) {
    return c.length() * a.size(matmul.transposeA() ? 0 : 1);
  }
}
