package org.dfp4j.backend.ops;

import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.backend.memory.MemoryStatistics;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.CustomOp;
import org.nd4j.linalg.api.ops.OpContext;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;
import org.nd4j.linalg.factory.Nd4j;

/**
 * A process that executes each op often, in contexts that are used again, and prints by how many
 * bytes it has grown. {@link SoakTest} starts it with a heap that does not grow.
 */
final class Soak {

  /** Before the bytes by which the process's memory has grown. */
  static final String PROCESS = "process ";

  /** Before the bytes by which what is in use of the pool has grown. */
  static final String POOL = "pool ";

  /** Executions that are measured. */
  static final int EXECUTIONS = 10_000;

  /** The first executions load classes, start threads and fill caches. */
  private static final int FIRST = 5_000;

  private Soak() {}

  public static void main(String[] args) {
    Random random = new Random(1);
    ConvolutionSpec spec = ConvolutionCases.spec(3, 2, 1, 1, 0, 0, 1, 1, PaddingMode.SAME);
    INDArray x = ConvolutionCases.normal(random, 1, 2, 4, 4);
    INDArray w = ConvolutionCases.normal(random, 3, 2, 2, 2);
    INDArray m = ConvolutionCases.normal(random, 3, 3);
    INDArray mantissas = Nd4j.zeros(DataType.INT16, 3, 3);
    INDArray exponent = Nd4j.scalar(DataType.INT32, 0);
    OpPrecision p = OpPrecision.DEFAULT;
    List<CustomOp> ops =
        List.of(
            new DfpConv2d(x, w, null, null, spec, p),
            new DfpConv2dBp(x, w, null, x, null, spec, p),
            new DfpMatmul(m, m, null, true, false, p),
            new DfpMatmulBp(m, m, m, null, false, true, p),
            new DfpQuantize(m, Quantizer.DEFAULT),
            new DfpDequantize(mantissas, exponent, null));
    List<OpContext> contexts = ops.stream().map(Soak::context).toList();
    execute(FIRST, ops, contexts);
    MemoryStatistics pool = MemoryPool.shared().statistics();
    long before = Pointer.physicalBytes();
    execute(EXECUTIONS, ops, contexts);
    System.out.println(PROCESS + (Pointer.physicalBytes() - before));
    System.out.println(POOL + (MemoryPool.shared().statistics().inUse() - pool.inUse()));
  }

  private static OpContext context(CustomOp op) {
    OpContext context = Nd4j.getExecutioner().buildContext();
    context.setInputArrays(op.inputArguments());
    context.setIArguments(op.iArgs());
    context.setBArguments(op.bArgs());
    context.setOutputArrays(
        op.calculateOutputShape().stream().map(Nd4j::create).toArray(INDArray[]::new));
    return context;
  }

  private static void execute(int times, List<CustomOp> ops, List<OpContext> contexts) {
    for (int i = 0; i < times; i++) {
      int next = i % ops.size();
      Nd4j.exec(ops.get(next), contexts.get(next));
    }
  }
}
