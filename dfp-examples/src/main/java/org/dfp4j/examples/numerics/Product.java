package org.dfp4j.examples.numerics;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The three products of a layer. */
public enum Product {
  /** {@code dst = src ⊛ weights}. */
  @JsonProperty("forward")
  FORWARD("forward"),
  /** {@code diffSrc = diffDst ⊛ weightsᵀ}. */
  @JsonProperty("backwardData")
  BACKWARD_DATA("backward data"),
  /** {@code diffWeights = src ⊛ diffDst}. */
  @JsonProperty("backwardWeights")
  BACKWARD_WEIGHTS("backward weights");

  private final String title;

  Product(String title) {
    this.title = title;
  }

  /** The name for people. */
  public String title() {
    return title;
  }
}
