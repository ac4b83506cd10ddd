package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.dnnl.IntMemoryMap;
import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;
import org.bytedeco.dnnl.reorder;
import org.bytedeco.javacpp.Pointer;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.TensorRole;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One pass of a convolution by oneDNN: the direct algorithm in the layouts that oneDNN chooses,
 * with reorders from FP32 NCHW and OIHW and back where those differ.
 *
 * <p>In BF16 the output is BF16 too, except the weights' gradient, which oneDNN gives in FP32.
 */
final class OneDnnConvolution implements AutoCloseable {

  private static final memory.data_type F32 = memory.data_type.f32;
  private static final memory.format_tag ANY = memory.format_tag.any;
  private static final memory.format_tag NCHW = memory.format_tag.nchw;
  private static final memory.format_tag OIHW = memory.format_tag.oihw;
  private static final dnnl.algorithm DIRECT = dnnl.algorithm.convolution_direct;

  private final OneDnn library;
  private final Operands operands;
  private final INDArray out;
  private final List<Pointer> owned = new ArrayList<>();
  private final List<Reorder> before = new ArrayList<>();
  private final List<Reorder> after = new ArrayList<>();
  private final IntMemoryMap arguments = keep(new IntMemoryMap());
  private final Plan plan;

  /** A reorder primitive with what it reads and writes. */
  private record Reorder(reorder primitive, memory from, memory to) {}

  /** A primitive and the layouts that it wants. */
  private record Plan(
      primitive product,
      String implementation,
      memory.desc src,
      memory.desc weights,
      memory.desc dst) {}

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

  private OneDnnConvolution(
      OneDnn library, Direction direction, Operands operands, INDArray out, memory.data_type type) {
    this.library = library;
    this.operands = operands;
    this.out = out;
    this.plan = plan(direction, operands.shape(), type);
    switch (direction) {
      case FORWARD -> {
        input(dnnl.DNNL_ARG_SRC, TensorRole.SRC, plan.src());
        input(dnnl.DNNL_ARG_WEIGHTS, TensorRole.WEIGHTS, plan.weights());
        output(dnnl.DNNL_ARG_DST, NCHW, plan.dst());
      }
      case BACKWARD_DATA -> {
        input(dnnl.DNNL_ARG_DIFF_DST, TensorRole.DIFF_DST, plan.dst());
        input(dnnl.DNNL_ARG_WEIGHTS, TensorRole.WEIGHTS, plan.weights());
        output(dnnl.DNNL_ARG_DIFF_SRC, NCHW, plan.src());
      }
      case BACKWARD_WEIGHTS -> {
        input(dnnl.DNNL_ARG_SRC, TensorRole.SRC, plan.src());
        input(dnnl.DNNL_ARG_DIFF_DST, TensorRole.DIFF_DST, plan.dst());
        output(dnnl.DNNL_ARG_DIFF_WEIGHTS, OIHW, plan.weights());
      }
    }
  }

  static OneDnnConvolution fp32(
      OneDnn library, Direction direction, Operands operands, INDArray out) {
    return new OneDnnConvolution(library, direction, operands, out, F32);
  }

  static OneDnnConvolution bf16(
      OneDnn library, Direction direction, Operands operands, INDArray out) {
    return new OneDnnConvolution(library, direction, operands, out, memory.data_type.bf16);
  }

  private <P extends Pointer> P keep(P pointer) {
    owned.add(pointer);
    return pointer;
  }

  private Plan plan(Direction direction, ConvShape s, memory.data_type type) {
    memory.desc src = describe(s.srcShape(), type, ANY);
    memory.desc dst = describe(s.dstShape(), type, ANY);
    memory.data_type weightsType = direction == Direction.BACKWARD_WEIGHTS ? F32 : type;
    memory.desc weights = describe(s.weightsShape(), weightsType, ANY);
    long[] strides = {s.sh(), s.sw()};
    long[] dilates = {s.dh() - 1, s.dw() - 1};
    long[] above = {s.ph(), s.pw()};
    long[] below = {
      padBelow(s.ih(), s.oh(), s.kh(), s.sh(), s.ph(), s.dh()),
      padBelow(s.iw(), s.ow(), s.kw(), s.sw(), s.pw(), s.dw())
    };
    convolution_forward.primitive_desc forward =
        keep(
            new convolution_forward.primitive_desc(
                keep(
                    new convolution_forward.desc(
                        dnnl.prop_kind.forward_training,
                        DIRECT,
                        src,
                        describe(s.weightsShape(), type, ANY),
                        dst,
                        strides,
                        dilates,
                        above,
                        below)),
                library.engine()));
    switch (direction) {
      case FORWARD -> {
        return new Plan(
            keep(new convolution_forward(forward)),
            forward.impl_info_str().getString(),
            keep(forward.src_desc()),
            keep(forward.weights_desc()),
            keep(forward.dst_desc()));
      }
      case BACKWARD_DATA -> {
        convolution_backward_data.primitive_desc data =
            keep(
                new convolution_backward_data.primitive_desc(
                    keep(
                        new convolution_backward_data.desc(
                            DIRECT, src, weights, dst, strides, dilates, above, below)),
                    library.engine(),
                    forward));
        return new Plan(
            keep(new convolution_backward_data(data)),
            data.impl_info_str().getString(),
            keep(data.diff_src_desc()),
            keep(data.weights_desc()),
            keep(data.diff_dst_desc()));
      }
      default -> {
        convolution_backward_weights.primitive_desc gradient =
            keep(
                new convolution_backward_weights.primitive_desc(
                    keep(
                        new convolution_backward_weights.desc(
                            DIRECT, src, weights, dst, strides, dilates, above, below)),
                    library.engine(),
                    forward));
        return new Plan(
            keep(new convolution_backward_weights(gradient)),
            gradient.impl_info_str().getString(),
            keep(gradient.src_desc()),
            keep(gradient.diff_weights_desc()),
            keep(gradient.diff_dst_desc()));
      }
    }
  }

  /** Zero rows below the input; none where a border stays unread. */
  private static long padBelow(int in, int out, int kernel, int stride, int above, int dilation) {
    return Math.max(0, (out - 1L) * stride + (kernel - 1L) * dilation + 1 - in - above);
  }

  private memory.desc describe(long[] dimensions, memory.data_type type, memory.format_tag format) {
    return keep(new memory.desc(dimensions, type, format));
  }

  private void input(int argument, TensorRole role, memory.desc wanted) {
    INDArray array = operands.of(role);
    memory given = memoryOf(array, role == TensorRole.WEIGHTS ? OIHW : NCHW);
    if (wanted.equals(given.get_desc())) {
      arguments.put(argument, given);
      return;
    }
    memory own = keep(new memory(wanted, library.engine()));
    before.add(new Reorder(keep(new reorder(given, own)), given, own));
    arguments.put(argument, own);
  }

  private void output(int argument, memory.format_tag format, memory.desc wanted) {
    memory result = memoryOf(out, format);
    if (wanted.equals(result.get_desc())) {
      arguments.put(argument, result);
      return;
    }
    memory own = keep(new memory(wanted, library.engine()));
    after.add(new Reorder(keep(new reorder(own, result)), own, result));
    arguments.put(argument, own);
  }

  private memory memoryOf(INDArray array, memory.format_tag format) {
    return keep(
        new memory(
            describe(array.shape(), F32, format), library.engine(), Operands.pointer(array)));
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

  /** The output of the last run. */
  INDArray out() {
    return out;
  }

  @Override
  public void close() {
    for (int i = owned.size() - 1; i >= 0; i--) {
      owned.get(i).close();
    }
  }
}
