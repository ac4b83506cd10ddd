package org.dfp4j.backend.fp32;

import java.util.Objects;

/**
 * A 2-D max or average pooling. Its window of output {@code (y, x)} has the cells {@code (y·sh - ph
 * + i, x·sw - pw + j)} with {@code 0 <= i < kh} and {@code 0 <= j < kw} that lie in the input;
 * every window has one.
 *
 * @param kind what is taken of a window
 * @param ph rows of padding above; below there is what the windows need
 * @param pw columns of padding to the left
 */
public record Pooling(
    Kind kind, int ih, int iw, int oh, int ow, int kh, int kw, int sh, int sw, int ph, int pw) {

  private static final int MAX = 1 << 24;

  /** What is taken of a window. */
  public enum Kind {
    /** The largest cell, the first of equal ones in row order; NaN is never the largest. */
    MAX,
    /** The sum of the cells in row order by their number. */
    AVERAGE,
    /** The sum of the cells in row order by {@code kh·kw}. */
    AVERAGE_OF_WINDOW
  }

  public Pooling {
    Objects.requireNonNull(kind, "kind: expected one, got null");
    check("height", ih, oh, kh, sh, ph);
    check("width", iw, ow, kw, sw, pw);
    if ((long) ih * iw > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "src: expected fewer than 2^31 cells in a plane, got " + ih + " x " + iw);
    }
    if ((long) kh * kw > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "kernel: expected fewer than 2^31 cells in a window, got " + kh + " x " + kw);
    }
  }

  private static void check(String side, int in, int out, int kernel, int stride, int padding) {
    boolean inRange =
        Math.min(Math.min(in, out), Math.min(kernel, stride)) >= 1
            && Math.max(Math.max(in, out), Math.max(kernel, stride)) <= MAX
            && Math.abs(padding) <= MAX;
    // The first window ends, and the last one begins, inside.
    if (!inRange || padding >= kernel || (out - 1L) * stride - padding >= in) {
      throw new IllegalArgumentException(
          "pooling: expected windows that meet the input, got %s %d of %d, kernel %d, stride %d, padding %d"
              .formatted(side, out, in, kernel, stride, padding));
    }
  }
}
