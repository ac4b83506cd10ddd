package org.dfp4j.examples.bench;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** What is measured beside one another. */
public enum Implementation {
  /** The kernels of this project. */
  DFP16,
  /** oneDNN in FP32. */
  FP32,
  /** oneDNN in BF16. */
  BF16;

  /** The name in options and files. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
