package org.dfp4j.examples.bench;

import org.bytedeco.dnnl.global.dnnl;
import org.bytedeco.dnnl.inner_product_backward_data;
import org.bytedeco.dnnl.inner_product_backward_weights;
import org.bytedeco.dnnl.inner_product_forward;
import org.bytedeco.dnnl.memory;
import org.dfp4j.backend.kernels.DenseShape;

/** Plans a pass of a fully connected layer: an inner product. */
final class OneDnnInnerProduct {

  private final OneDnn library;
  private final Owned owned;
  private final memory.desc src;
  private final memory.desc weights;
  private final memory.desc diffWeights;
  private final memory.desc dst;

  /**
   * For any of the passes.
   *
   * @param type of all tensors but the weights' gradient, which is FP32
   * @param format of all tensors: {@code any}, as oneDNN chooses, or {@code ab}, rows one after the
   *     other
   */
  OneDnnInnerProduct(
      OneDnn library, DenseShape s, memory.data_type type, memory.format_tag format, Owned owned) {
    this.library = library;
    this.owned = owned;
    src = owned.keep(new memory.desc(s.srcShape(), type, format));
    long[] outputsByInputs = {s.oc(), s.ic()};
    weights = owned.keep(new memory.desc(outputsByInputs, type, format));
    diffWeights = owned.keep(new memory.desc(outputsByInputs, memory.data_type.f32, format));
    dst = owned.keep(new memory.desc(s.dstShape(), type, format));
  }

  OneDnnPlan plan(Direction direction) {
    return switch (direction) {
      case FORWARD -> forward(describeForward());
      case BACKWARD_DATA -> backwardData(describeForward());
      case BACKWARD_WEIGHTS -> backwardWeights(describeForward());
    };
  }

  private inner_product_forward.primitive_desc describeForward() {
    inner_product_forward.desc operation =
        owned.keep(
            new inner_product_forward.desc(dnnl.prop_kind.forward_training, src, weights, dst));
    return owned.keep(new inner_product_forward.primitive_desc(operation, library.engine()));
  }

  private OneDnnPlan forward(inner_product_forward.primitive_desc forward) {
    return new OneDnnPlan(
        owned.keep(new inner_product_forward(forward)),
        forward.impl_info_str().getString(),
        owned.keep(forward.src_desc()),
        owned.keep(forward.weights_desc()),
        owned.keep(forward.dst_desc()));
  }

  private OneDnnPlan backwardData(inner_product_forward.primitive_desc forward) {
    inner_product_backward_data.desc operation =
        owned.keep(new inner_product_backward_data.desc(src, weights, dst));
    inner_product_backward_data.primitive_desc data =
        owned.keep(
            new inner_product_backward_data.primitive_desc(operation, library.engine(), forward));
    return new OneDnnPlan(
        owned.keep(new inner_product_backward_data(data)),
        data.impl_info_str().getString(),
        owned.keep(data.diff_src_desc()),
        owned.keep(data.weights_desc()),
        owned.keep(data.diff_dst_desc()));
  }

  private OneDnnPlan backwardWeights(inner_product_forward.primitive_desc forward) {
    inner_product_backward_weights.desc operation =
        owned.keep(new inner_product_backward_weights.desc(src, diffWeights, dst));
    inner_product_backward_weights.primitive_desc gradient =
        owned.keep(
            new inner_product_backward_weights.primitive_desc(
                operation, library.engine(), forward));
    return new OneDnnPlan(
        owned.keep(new inner_product_backward_weights(gradient)),
        gradient.impl_info_str().getString(),
        owned.keep(gradient.src_desc()),
        owned.keep(gradient.diff_weights_desc()),
        owned.keep(gradient.diff_dst_desc()));
  }
}
