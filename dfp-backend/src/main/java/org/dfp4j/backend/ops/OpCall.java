package org.dfp4j.backend.ops;

import java.util.List;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.shade.guava.primitives.Booleans;
import org.nd4j.shade.guava.primitives.Longs;

/**
 * The arrays and arguments of one execution of an op.
 *
 * @param inputs arrays to read
 * @param outputs arrays to write; none where only their shapes are asked for
 * @param integers integer arguments
 * @param booleans boolean arguments
 */
record OpCall(
    List<INDArray> inputs, List<INDArray> outputs, List<Long> integers, List<Boolean> booleans) {

  static OpCall of(OpContext context) {
    return new OpCall(
        context.getInputArrays(),
        context.getOutputArrays(),
        context.getIArguments(),
        context.getBArguments());
  }

  static OpCall of(CustomOp op) {
    return new OpCall(
        op.inputArguments(),
        op.outputArguments(),
        Longs.asList(op.iArgs()),
        Booleans.asList(op.bArgs()));
  }

  INDArray input(int index) {
    return inputs.get(index);
  }

  INDArray output(int index) {
    return outputs.get(index);
  }

  /** Throws where there are too few or too many inputs. */
  void checkInputs(int least, int most) {
    check("inputs", least, most, inputs.size());
  }

  /** Throws where the number of outputs is another one. */
  void checkOutputs(int count) {
    check("outputs", count, count, outputs.size());
  }

  private static void check(String what, int least, int most, int actual) {
    if (actual < least || actual > most) {
      String expected = least == most ? "" + least : least + " to " + most;
      throw new IllegalArgumentException(
          "%s: expected %s, got %d".formatted(what, expected, actual));
    }
  }
}
