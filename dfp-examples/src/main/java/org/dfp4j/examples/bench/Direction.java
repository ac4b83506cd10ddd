package org.dfp4j.examples.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.dfp4j.backend.kernels.TensorRole;

/** The three products of a layer. */
public enum Direction {
  /** {@code dst} from {@code src} and {@code weights}. */
  @JsonProperty("forward")
  FORWARD("fwd", TensorRole.SRC, TensorRole.WEIGHTS, TensorRole.DIFF_DST),
  /** {@code diffSrc} from {@code diffDst} and {@code weights}. */
  @JsonProperty("backwardData")
  BACKWARD_DATA("bwdd", TensorRole.DIFF_DST, TensorRole.WEIGHTS, TensorRole.SRC),
  /** {@code diffWeights} from {@code src} and {@code diffDst}. */
  @JsonProperty("backwardWeights")
  BACKWARD_WEIGHTS("bwdw", TensorRole.SRC, TensorRole.DIFF_DST, TensorRole.WEIGHTS);

  private final String label;
  private final TensorRole first;
  private final TensorRole second;
  private final TensorRole outputLike;

  Direction(String label, TensorRole first, TensorRole second, TensorRole outputLike) {
    this.label = label;
    this.first = first;
    this.second = second;
    this.outputLike = outputLike;
  }

  /** Short form for tables and options. */
  public String label() {
    return label;
  }

  /** The two tensors that the product reads. */
  List<TensorRole> operands() {
    return List.of(first, second);
  }

  /** The tensor whose shape and layout the output has. */
  TensorRole outputLike() {
    return outputLike;
  }
}
