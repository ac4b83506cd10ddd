package org.dfp4j.examples.models;

import java.util.Locale;
import org.dfp4j.examples.UsageException;

/** The precision of a network's convolution and fully connected layers. */
public enum Precision {
  /** DL4J's own layers. */
  FP32("FP32"),
  /** The layers of this project. */
  DFP16("DFP-16");

  private final String title;

  Precision(String title) {
    this.title = title;
  }

  /** The name for people. */
  public String title() {
    return title;
  }

  /** The precision of this name; case does not matter. */
  public static Precision byName(String name) {
    for (Precision precision : values()) {
      if (precision.name().equalsIgnoreCase(name)) {
        return precision;
      }
    }
    throw new UsageException("--precision", "fp32 or dfp16", name);
  }

  /** The name in options and files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }
}
