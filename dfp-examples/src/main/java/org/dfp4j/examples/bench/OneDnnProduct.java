package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.reorder;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One pass of a layer by oneDNN, with reorders from the operands' FP32 layouts and back where the
 * primitive wants others.
 *
 * <p>In BF16 the output is BF16 too, except the weights' gradient, which oneDNN gives in FP32.
 */
final class OneDnnProduct implements AutoCloseable {

  /** How oneDNN is asked. */
  enum Variant {
    /** FP32 in the layouts that oneDNN chooses. */
    FP32(memory.data_type.f32, memory.format_tag.any),
    /** FP32 in the operands' own layouts; of fully connected layers only. */
    FP32_PLAIN(memory.data_type.f32, memory.format_tag.ab),
    /** BF16 in the layouts that oneDNN chooses. */
    BF16(memory.data_type.bf16, memory.format_tag.any);

    private final memory.data_type type;
    private final memory.format_tag format;

    Variant(memory.data_type type, memory.format_tag format) {
      this.type = type;
      this.format = format;
    }
  }

  private final OneDnn library;
  private final Operands operands;
  private final Owned owned = new Owned();
  private final List<Reorder> before = new ArrayList<>();
  private final List<Reorder> after = new ArrayList<>();
  private final IntMemoryMap arguments = owned.keep(new IntMemoryMap());
  private final OneDnnPlan plan;

  /** A reorder primitive with what it reads and writes. */
  private record Reorder(reorder primitive, memory from, memory to) {}

  /**
   * Nanoseconds of one run.
   *
   * @param reorderIn of both operands
   * @param kernel the primitive alone
   * @param reorderOut of the result
   */
  record Times(long reorderIn, long kernel, long reorderOut) {
    long total() {
      return reorderIn + kernel + reorderOut;
    }
  }

  OneDnnProduct(
      OneDnn library, Variant variant, Direction direction, Operands operands, INDArray out) {
    this.library = library;
    this.operands = operands;
    this.plan = plan(variant, direction);
    switch (direction) {
      case FORWARD -> {
        input(dnnl.DNNL_ARG_SRC, TensorRole.SRC, plan.src());
        input(dnnl.DNNL_ARG_WEIGHTS, TensorRole.WEIGHTS, plan.weights());
        output(dnnl.DNNL_ARG_DST, direction, out, plan.dst());
      }
      case BACKWARD_DATA -> {
        input(dnnl.DNNL_ARG_DIFF_DST, TensorRole.DIFF_DST, plan.dst());
        input(dnnl.DNNL_ARG_WEIGHTS, TensorRole.WEIGHTS, plan.weights());
        output(dnnl.DNNL_ARG_DIFF_SRC, direction, out, plan.src());
      }
      case BACKWARD_WEIGHTS -> {
        input(dnnl.DNNL_ARG_SRC, TensorRole.SRC, plan.src());
        input(dnnl.DNNL_ARG_DIFF_DST, TensorRole.DIFF_DST, plan.dst());
        output(dnnl.DNNL_ARG_DIFF_WEIGHTS, direction, out, plan.weights());
      }
    }
  }

  private OneDnnPlan plan(Variant variant, Direction direction) {
    if (operands.shape() instanceof ConvShape shape) {
      return new OneDnnConvolution(library, shape, variant.type, owned).plan(direction);
    }
    DenseShape shape = (DenseShape) operands.shape();
    return new OneDnnInnerProduct(library, shape, variant.type, variant.format, owned)
        .plan(direction);
  }

  private void input(int argument, TensorRole role, memory.desc wanted) {
    memory given = memoryOf(role, operands.of(role));
    if (wanted.equals(given.get_desc())) {
      arguments.put(argument, given);
      return;
    }
    memory own = owned.keep(new memory(wanted, library.engine()));
    before.add(new Reorder(owned.keep(new reorder(given, own)), given, own));
    arguments.put(argument, own);
  }

  private void output(int argument, Direction direction, INDArray out, memory.desc wanted) {
    memory result = memoryOf(direction.outputLike(), out);
    if (wanted.equals(result.get_desc())) {
      arguments.put(argument, result);
      return;
    }
    memory own = owned.keep(new memory(wanted, library.engine()));
    after.add(new Reorder(owned.keep(new reorder(own, result)), own, result));
    arguments.put(argument, own);
  }

  /** An array as it lies in memory: [ic, oc] in F order is [oc, ic] row by row. */
  private memory memoryOf(TensorRole role, INDArray array) {
    long[] s = array.shape();
    boolean isMatrix = s.length == 2;
    long[] dimensions = isMatrix && role == TensorRole.WEIGHTS ? new long[] {s[1], s[0]} : s;
    memory.format_tag rows = isMatrix ? memory.format_tag.ab : memory.format_tag.abcd;
    memory.desc layout = owned.keep(new memory.desc(dimensions, memory.data_type.f32, rows));
    return owned.keep(new memory(layout, library.engine(), Operands.pointer(array)));
  }

  /** Reorders the operands, multiplies, and reorders the result. */
  Times run() {
    long start = System.nanoTime();
    reorder(before);
    long reordered = System.nanoTime();
    plan.product().execute(library.stream(), arguments);
    library.stream()._wait();
    long multiplied = System.nanoTime();
    reorder(after);
    return new Times(reordered - start, multiplied - reordered, System.nanoTime() - multiplied);
  }

  private void reorder(List<Reorder> reorders) {
    for (Reorder reorder : reorders) {
      reorder.primitive().execute(library.stream(), reorder.from(), reorder.to());
    }
    library.stream()._wait();
  }

  /** oneDNN's name of its implementation. */
  String implementation() {
    return plan.implementation();
  }

  @Override
  public void close() {
    owned.close();
  }
}
