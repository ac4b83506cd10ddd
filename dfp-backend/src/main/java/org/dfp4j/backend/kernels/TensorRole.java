package org.dfp4j.backend.kernels;

/** The three tensors of a layer that are quantized. Each is an operand of two products. */
public enum TensorRole {
  /** Input activations: forward and backward weights. */
  SRC("src"),
  /** Weights: forward and backward data. */
  WEIGHTS("weights"),
  /** Gradient of the loss by the layer's output: backward data and backward weights. */
  DIFF_DST("diffDst");

  private final String argument;

  TensorRole(String argument) {
    this.argument = argument;
  }

  /** What formulas, parameters and messages call this tensor. */
  public String argument() {
    return argument;
  }
}
