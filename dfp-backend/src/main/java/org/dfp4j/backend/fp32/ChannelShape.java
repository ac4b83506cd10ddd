package org.dfp4j.backend.fp32;

import java.util.Arrays;

/**
 * The shape of a tensor that is worked on by channels: {@code x[outer, channels, inner]} in C
 * order. NCHW is {@code [mb, c, h·w]}, NHWC {@code [mb·h·w, c, 1]} and a matrix {@code [mb, c, 1]}.
 *
 * @param outer elements along the axes before the channels
 * @param channels number of channels
 * @param inner elements along the axes after them
 */
public record ChannelShape(long outer, int channels, long inner) {

  public ChannelShape {
    atLeastOne("outer", outer);
    atLeastOne("channels", channels);
    atLeastOne("inner", inner);
  }

  /**
   * Of an array.
   *
   * @param shape sizes, each at least 1
   * @param channelAxis the axis of the channels
   */
  public static ChannelShape of(long[] shape, int channelAxis) {
    if (channelAxis < 0 || channelAxis >= shape.length) {
      throw new IllegalArgumentException(
          "channelAxis: expected an axis of " + Arrays.toString(shape) + ", got " + channelAxis);
    }
    long outer = 1;
    long inner = 1;
    for (int axis = 0; axis < shape.length; axis++) {
      if (axis < channelAxis) {
        outer = Math.multiplyExact(outer, shape[axis]);
      } else if (axis > channelAxis) {
        inner = Math.multiplyExact(inner, shape[axis]);
      }
    }
    return new ChannelShape(outer, Math.toIntExact(shape[channelAxis]), inner);
  }

  /** Elements of the tensor. */
  public long length() {
    return Math.multiplyExact(Math.multiplyExact(outer, inner), channels);
  }

  private static void atLeastOne(String name, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + ": expected >= 1, got " + value);
    }
  }
}
