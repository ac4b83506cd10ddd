package org.dfp4j.examples.bench;

import com.fasterxml.jackson.annotation.JsonProperty;

/** The three products of a convolution. */
public enum Direction {
  /** {@code dst} from {@code src} and {@code weights}. */
  @JsonProperty("forward")
  FORWARD("fwd"),
  /** {@code diffSrc} from {@code diffDst} and {@code weights}. */
  @JsonProperty("backwardData")
  BACKWARD_DATA("bwdd"),
  /** {@code diffWeights} from {@code src} and {@code diffDst}. */
  @JsonProperty("backwardWeights")
  BACKWARD_WEIGHTS("bwdw");

  private final String label;

  Direction(String label) {
    this.label = label;
  }

  /** Short form for tables. */
  public String label() {
    return label;
  }
}
