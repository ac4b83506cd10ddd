package org.dfp4j.examples.data;

/** The two parts of a data set. */
public enum Part {
  /** For training. */
  TRAIN,
  /** Held out, for measuring accuracy. */
  HELD_OUT
}
