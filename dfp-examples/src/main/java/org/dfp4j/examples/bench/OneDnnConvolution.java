package org.dfp4j.examples.bench;

import org.bytedeco.dnnl.convolution_backward_data;
import org.bytedeco.dnnl.convolution_backward_weights;
import org.bytedeco.dnnl.convolution_forward;
import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.memory;
import org.dfp4j.backend.kernels.ConvShape;

/** Plans a pass of a convolution: the direct algorithm in the layouts that oneDNN chooses. */
final class OneDnnConvolution {

  private static final dnnl.algorithm DIRECT = dnnl.algorithm.convolution_direct;

  private final OneDnn library;
  private final Owned owned;
  private final memory.desc src;
  private final memory.desc weights;
  private final memory.desc diffWeights;
  private final memory.desc dst;
  private final long[] strides;
  private final long[] dilates;
  private final long[] above;
  private final long[] below;

  /**
   * For any of the passes.
   *
   * @param type of all tensors but the weights' gradient, which is FP32
   */
  OneDnnConvolution(OneDnn library, ConvShape s, memory.data_type type, Owned owned) {
    this.library = library;
    this.owned = owned;
    src = any(s.srcShape(), type);
    weights = any(s.weightsShape(), type);
    diffWeights = any(s.weightsShape(), memory.data_type.f32);
    dst = any(s.dstShape(), type);
    strides = new long[] {s.sh(), s.sw()};
    dilates = new long[] {s.dh() - 1, s.dw() - 1};
    above = new long[] {s.ph(), s.pw()};
    below =
        new long[] {
          padBelow(s.ih(), s.oh(), s.kh(), s.sh(), s.ph(), s.dh()),
          padBelow(s.iw(), s.ow(), s.kw(), s.sw(), s.pw(), s.dw())
        };
  }

  private memory.desc any(long[] dimensions, memory.data_type type) {
    return owned.keep(new memory.desc(dimensions, type, memory.format_tag.any));
  }

  /** Zero rows below the input; none where a border stays unread. */
  private static long padBelow(int in, int out, int kernel, int stride, int above, int dilation) {
    return Math.max(0, (out - 1L) * stride + (kernel - 1L) * dilation + 1 - in - above);
  }

  OneDnnPlan plan(Direction direction) {
    return switch (direction) {
      case FORWARD -> forward(describeForward());
      case BACKWARD_DATA -> backwardData(describeForward());
      case BACKWARD_WEIGHTS -> backwardWeights(describeForward());
    };
  }

  private convolution_forward.primitive_desc describeForward() {
    convolution_forward.desc operation =
        owned.keep(
            new convolution_forward.desc(
                dnnl.prop_kind.forward_training,
                DIRECT,
                src,
                weights,
                dst,
                strides,
                dilates,
                above,
                below));
    return owned.keep(new convolution_forward.primitive_desc(operation, library.engine()));
  }

  private OneDnnPlan forward(convolution_forward.primitive_desc forward) {
    return new OneDnnPlan(
        owned.keep(new convolution_forward(forward)),
        forward.impl_info_str().getString(),
        owned.keep(forward.src_desc()),
        owned.keep(forward.weights_desc()),
        owned.keep(forward.dst_desc()));
  }

  private OneDnnPlan backwardData(convolution_forward.primitive_desc forward) {
    convolution_backward_data.desc operation =
        owned.keep(
            new convolution_backward_data.desc(
                DIRECT, src, weights, dst, strides, dilates, above, below));
    convolution_backward_data.primitive_desc data =
        owned.keep(
            new convolution_backward_data.primitive_desc(operation, library.engine(), forward));
    return new OneDnnPlan(
        owned.keep(new convolution_backward_data(data)),
        data.impl_info_str().getString(),
        owned.keep(data.diff_src_desc()),
        owned.keep(data.weights_desc()),
        owned.keep(data.diff_dst_desc()));
  }

  private OneDnnPlan backwardWeights(convolution_forward.primitive_desc forward) {
    convolution_backward_weights.desc operation =
        owned.keep(
            new convolution_backward_weights.desc(
                DIRECT, src, diffWeights, dst, strides, dilates, above, below));
    convolution_backward_weights.primitive_desc gradient =
        owned.keep(
            new convolution_backward_weights.primitive_desc(operation, library.engine(), forward));
    return new OneDnnPlan(
        owned.keep(new convolution_backward_weights(gradient)),
        gradient.impl_info_str().getString(),
        owned.keep(gradient.src_desc()),
        owned.keep(gradient.diff_weights_desc()),
        owned.keep(gradient.diff_dst_desc()));
  }
}
