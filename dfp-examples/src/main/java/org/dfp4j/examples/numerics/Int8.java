package org.dfp4j.examples.numerics;

import org.dfp4j.backend.tensor.Quantizer;

/** INT8 with one scale a tensor: integers from -127 to 127 times {@code amax / 127}. */
final class Int8 {

  private static final int LIMIT = 127;

  private Int8() {}

  /** The values of the quantized tensor. */
  static float[] round(float[] values) {
    double scale = (double) Quantizer.amax(values) / LIMIT;
    float[] rounded = new float[values.length];
    if (scale > 0) {
      for (int i = 0; i < values.length; i++) {
        rounded[i] = (float) (Math.rint(values[i] / scale) * scale);
      }
    }
    return rounded;
  }
}
