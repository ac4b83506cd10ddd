package org.dfp4j.backend.kernels;

/**
 * One axis of a convolution: output position p under tap t reads input position {@code at(p, t)}.
 *
 * @param in input size
 * @param out output size
 * @param kernel number of taps
 * @param stride input positions from an output position to the next
 * @param pad zeros before the input
 * @param dilation input positions from a tap to the next
 */
record Axis(int in, int out, int kernel, int stride, int pad, int dilation) {

  int at(int position, int tap) {
    return (int) ((long) position * stride + offset(tap));
  }

  private long offset(int tap) {
    return (long) tap * dilation - pad;
  }

  /** The first output position whose input position is not below 0. */
  int first(int tap) {
    return offset(tap) >= 0 ? 0 : (int) Math.min(out, -Math.floorDiv(offset(tap), (long) stride));
  }

  /** The first output position whose input position is not below {@code in}. */
  int end(int tap) {
    return (int) Math.min(out, Math.floorDiv(in - 1 - offset(tap), (long) stride) + 1);
  }
}
