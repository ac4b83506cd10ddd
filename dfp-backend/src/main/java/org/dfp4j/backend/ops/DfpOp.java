package org.dfp4j.backend.ops;

import java.util.List;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;

/**
 * An ND4J op that this project runs. An executioner hands {@code calculateOutputShape} and the
 * execution of such an op over to it; all that counts is in the context, as with ND4J's own ops, so
 * that one op object serves several contexts and threads.
 */
public interface DfpOp extends CustomOp {

  /** Shapes of the outputs, from the arrays and arguments of the context; of the op's for null. */
  @Override
  List<LongShapeDescriptor> calculateOutputShape(OpContext context);

  /** Writes the context's output arrays from its input arrays and arguments. */
  void execute(OpContext context);
}
