package org.dfp4j.layers.stats;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.layers.impl.TensorNumerics;
import org.nd4j.shade.jackson.annotation.JsonInclude;

/**
 * What one layer did in one iteration.
 *
 * @param layer its name, or its index where it has none
 * @param index its place among the layers with weights, from the input on
 * @param kernels what ran its products; null where none was timed
 * @param tensors its quantized tensors; none for a layer in FP32
 * @param milliseconds of each product that was timed
 * @param gradient sketch of the gradient by its parameters; null where none was taken
 * @param update sketch of what was subtracted from its parameters; null where none was taken
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LayerNumerics(
    String layer,
    int index,
    String kernels,
    List<TensorNumerics> tensors,
    Map<Pass, Double> milliseconds,
    Sketch gradient,
    Sketch update) {

  public LayerNumerics {
    Objects.requireNonNull(layer, "layer: expected a name, got null");
    tensors = List.copyOf(tensors);
    milliseconds = Map.copyOf(milliseconds);
  }
}
