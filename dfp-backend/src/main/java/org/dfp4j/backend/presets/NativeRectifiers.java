package org.dfp4j.backend.presets;

import org.dfp4j.backend.pointwise.Rectifier;

/** Activations as {@code dfp.h} numbers them. */
public final class NativeRectifiers {

  private static final int NONE = -1;

  private NativeRectifiers() {}

  /** The number of an activation, or that for none of null. */
  public static int kind(Rectifier f) {
    if (f == null) {
      return NONE;
    }
    return switch (f.kind()) {
      case RELU -> 0;
      case CLIPPED_RELU -> 1;
      case LEAKY_RELU -> 2;
    };
  }

  /** The parameter of an activation; 0 of null. */
  public static float parameter(Rectifier f) {
    return f == null ? 0 : f.parameter();
  }
}
