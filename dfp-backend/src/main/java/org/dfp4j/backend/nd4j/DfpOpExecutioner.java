package org.dfp4j.backend.nd4j;

import java.util.List;
import java.util.Map;
import org.dfp4j.backend.ops.DfpOp;
import org.dfp4j.backend.ops.DfpOps;
import org.nd4j.imports.converters.DifferentialFunctionClassHolder;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.CustomOpDescriptor;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.shape.LongShapeDescriptor;
import org.nd4j.linalg.cpu.nativecpu.ops.NativeOpExecutioner;

/**
 * ND4J's executioner, which also runs the ops of this project and, where a {@link SwapPolicy} says
 * so, some of ND4J's own on the integer kernels. Everything else it hands on untouched. ND4J's
 * checks, profiling and panics before and after an op are the same for all of them.
 */
public class DfpOpExecutioner extends NativeOpExecutioner {

  private static final StackWalker CALLER =
      StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

  @Override
  public INDArray[] exec(CustomOp op, OpContext context) {
    Runnable work =
        op instanceof DfpOp own ? () -> own.execute(context) : Swap.PROCESS.find(op, context);
    return work == null ? super.exec(op, context) : run(op, context, work);
  }

  private INDArray[] run(CustomOp op, OpContext context, Runnable work) {
    long start = profilingConfigurableHookIn(op, context);
    try {
      work.run();
    } finally {
      profilingConfigurableHookOut(op, context, start);
    }
    return context.getOutputArrays().toArray(INDArray[]::new);
  }

  /**
   * ND4J's native ops. The one who asks when ND4J is about to look up an op's class by its name, to
   * load or to differentiate a graph, is the table of those classes: the moment to add ours. Adding
   * them earlier would load the table's 600 classes, 0.6 s, in every program.
   */
  @Override
  @SuppressWarnings(
      "UnsynchronizedOverridesSynchronized") // Class initializers must not wait for it.
  public Map<String, CustomOpDescriptor> getCustomOperations() {
    if (CALLER.getCallerClass() == DifferentialFunctionClassHolder.class) {
      DfpOps.register();
    }
    return super.getCustomOperations();
  }

  @Override
  public List<LongShapeDescriptor> calculateOutputShape(CustomOp op) {
    return calculateOutputShape(op, null);
  }

  @Override
  public List<LongShapeDescriptor> calculateOutputShape(CustomOp op, OpContext context) {
    return op instanceof DfpOp own
        ? own.calculateOutputShape(context)
        : super.calculateOutputShape(op, context);
  }
}
