package org.dfp4j.backend.ops;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.dfp4j.backend.kernels.ConvShape;
import org.nd4j.enums.WeightsFormat;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.Conv2DConfig;
import org.nd4j.linalg.api.ops.impl.layers.convolution.config.PaddingMode;

/**
 * The settings of a 2-D convolution as ND4J's op {@code conv2d} has them.
 *
 * <pre>
 *   k' = (k - 1)·d + 1
 *
 *            size of the output               zeros before the input
 *   VALID    floor((in + 2·p - k') / s) + 1   p
 *   SAME     ceil(in / s)                     ((out - 1)·s + k' - in) / 2, rounded towards 0;
 *                                             where below 0, as many of the input are skipped
 *   CAUSAL   floor((in - 1) / s) + 1          k' - 1
 * </pre>
 *
 * @param kh kernel height; -1 for that of the weights
 * @param kw kernel width; -1 for that of the weights
 * @param sh vertical stride
 * @param sw horizontal stride
 * @param ph zero rows above and below, of VALID; the other modes ignore it
 * @param pw zero columns left and right, of VALID; the other modes ignore it
 * @param dh vertical dilation; 1 is a dense kernel
 * @param dw horizontal dilation
 * @param padding how the padding is found
 * @param channelsLast whether activations are {@code [mb, h, w, c]}, not {@code [mb, c, h, w]}
 * @param weightsFormat YXIO {@code [kh, kw, ic, oc]}, OIYX {@code [oc, ic, kh, kw]} or OYXI {@code
 *     [oc, kh, kw, ic]}
 */
public record ConvolutionSpec(
    int kh,
    int kw,
    int sh,
    int sw,
    int ph,
    int pw,
    int dh,
    int dw,
    PaddingMode padding,
    boolean channelsLast,
    WeightsFormat weightsFormat) {

  /** Number of integer arguments of an op that hold a spec: those of ND4J's conv2d. */
  static final int INTEGERS = 11;

  /** In the order of the numbers that ND4J's ops have for them. */
  private static final List<WeightsFormat> FORMATS =
      List.of(WeightsFormat.YXIO, WeightsFormat.OIYX, WeightsFormat.OYXI);

  private static final List<PaddingMode> MODES =
      List.of(PaddingMode.VALID, PaddingMode.SAME, PaddingMode.CAUSAL);

  private static final int FROM_WEIGHTS = -1;
  private static final int RANK = 4;

  public ConvolutionSpec {
    checkKernel("kh", kh);
    checkKernel("kw", kw);
    atLeast(1, "sh", sh);
    atLeast(1, "sw", sw);
    atLeast(0, "ph", ph);
    atLeast(0, "pw", pw);
    atLeast(1, "dh", dh);
    atLeast(1, "dw", dw);
    Objects.requireNonNull(padding, "padding: expected a mode, got null");
    Objects.requireNonNull(weightsFormat, "weightsFormat: expected a format, got null");
  }

  private static void checkKernel(String name, int value) {
    if (value < 1 && value != FROM_WEIGHTS) {
      throw new IllegalArgumentException(name + ": expected >= 1 or -1, got " + value);
    }
  }

  private static void atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + ": expected >= " + least + ", got " + value);
    }
  }

  /** The settings of ND4J's configuration. */
  public static ConvolutionSpec of(Conv2DConfig config) {
    Objects.requireNonNull(config, "config: expected a configuration, got null");
    String format = config.getDataFormat();
    boolean nhwc = Conv2DConfig.NHWC.equalsIgnoreCase(format);
    if (!nhwc && !Conv2DConfig.NCHW.equalsIgnoreCase(format)) {
      throw new IllegalArgumentException("dataFormat: expected NCHW or NHWC, got " + format);
    }
    PaddingMode mode = config.getPaddingMode();
    return new ConvolutionSpec(
        Math.toIntExact(config.getKH()),
        Math.toIntExact(config.getKW()),
        Math.toIntExact(config.getSH()),
        Math.toIntExact(config.getSW()),
        Math.toIntExact(config.getPH()),
        Math.toIntExact(config.getPW()),
        Math.toIntExact(config.getDH()),
        Math.toIntExact(config.getDW()),
        mode == null ? PaddingMode.VALID : mode,
        nhwc,
        format(config));
  }

  /** ND4J's default is YXIO, but its constructor lets null pass. */
  private static WeightsFormat format(Conv2DConfig config) {
    WeightsFormat format = config.getWeightsFormat();
    return format == null ? WeightsFormat.YXIO : format;
  }

  /** ND4J's configuration with these settings. */
  public Conv2DConfig toConfig() {
    return new Conv2DConfig(
        kh,
        kw,
        sh,
        sw,
        ph,
        pw,
        dh,
        dw,
        padding,
        channelsLast ? Conv2DConfig.NHWC : Conv2DConfig.NCHW,
        weightsFormat);
  }

  /**
   * Of an op's integer arguments, in the order of ND4J's conv2d: kernel, stride, padding, dilation
   * (each height, width), padding mode, 1 for NHWC, weights format. As there, a kernel size below 1
   * is that of the weights, and the last three may be missing: VALID, NCHW, YXIO.
   *
   * @param arguments the first 11 are read
   */
  public static ConvolutionSpec of(List<Long> arguments) {
    if (arguments.size() < 8) {
      throw new IllegalArgumentException(
          "integer arguments: expected at least 8, got " + arguments.size());
    }
    int[] a = arguments.stream().limit(INTEGERS).mapToInt(Math::toIntExact).toArray();
    return new ConvolutionSpec(
        a[0] > 0 ? a[0] : FROM_WEIGHTS,
        a[1] > 0 ? a[1] : FROM_WEIGHTS,
        a[2],
        a[3],
        a[4],
        a[5],
        a[6],
        a[7],
        a.length > 8 ? oneOf("padding mode", a[8], MODES) : PaddingMode.VALID,
        a.length > 9 && oneOf("data format", a[9], List.of(false, true)),
        a.length > 10 ? oneOf("weights format", a[10], FORMATS) : WeightsFormat.YXIO);
  }

  private static <T> T oneOf(String name, int index, List<T> values) {
    if (index < 0 || index >= values.size()) {
      throw new IllegalArgumentException(
          "%s: expected 0 to %d, got %d".formatted(name, values.size() - 1, index));
    }
    return values.get(index);
  }

  /** The integer arguments of an op with these settings; see {@link #of(List)}. */
  long[] integers() {
    return new long[] {
      kh,
      kw,
      sh,
      sw,
      ph,
      pw,
      dh,
      dw,
      MODES.indexOf(padding),
      channelsLast ? 1 : 0,
      FORMATS.indexOf(weightsFormat)
    };
  }

  /** As properties of an op, by the names of ND4J's conv2d. */
  void properties(Map<String, Object> written) {
    written.putAll(toConfig().toProperties());
    written.put("weightsFormat", weightsFormat.name());
  }

  /** The axes of an activation {@code [mb, c, h, w]} in an array of this format. */
  int[] activationAxes() {
    return channelsLast ? new int[] {0, 3, 1, 2} : new int[] {0, 1, 2, 3};
  }

  /** The axes of weights {@code [oc, ic, kh, kw]} in an array of this format. */
  int[] weightsAxes() {
    return switch (weightsFormat) {
      case YXIO -> new int[] {3, 2, 0, 1};
      case OIYX -> new int[] {0, 1, 2, 3};
      case OYXI -> new int[] {0, 3, 1, 2};
    };
  }

  /**
   * The dimensions of the three products. Where SAME skips the first rows or columns of the input,
   * as it does where the stride is larger than the kernel, {@code ih} or {@code iw} is smaller than
   * the input's by as many.
   *
   * @param input shape of the input in this format
   * @param weights shape of the weights in this format
   */
  public ConvShape shape(long[] input, long[] weights) {
    checkInput(input);
    checkRank(
        "weights",
        weights,
        switch (weightsFormat) {
          case YXIO -> "[kh, kw, ic, oc]";
          case OIYX -> "[oc, ic, kh, kw]";
          case OYXI -> "[oc, kh, kw, ic]";
        });
    int[] x = ordered(input, activationAxes());
    int[] w = ordered(weights, weightsAxes());
    if (w[1] != x[1] || !fits(kh, w[2]) || !fits(kw, w[3])) {
      throw new IllegalArgumentException(
          "weights: expected %s with ic = %d, kh = %s, kw = %s, got %s"
              .formatted(weightsFormat, x[1], size(kh), size(kw), Arrays.toString(weights)));
    }
    int oh = out("height", x[2], w[2], sh, ph, dh);
    int ow = out("width", x[3], w[3], sw, pw, dw);
    int top = before(x[2], oh, w[2], sh, ph, dh);
    int left = before(x[3], ow, w[3], sw, pw, dw);
    return new ConvShape(
        x[0],
        x[1],
        x[2] + Math.min(0, top),
        x[3] + Math.min(0, left),
        w[0],
        oh,
        ow,
        w[2],
        w[3],
        sh,
        sw,
        Math.max(0, top),
        Math.max(0, left),
        dh,
        dw);
  }

  /**
   * Shape of the output in this format, for any batch size, 0 included.
   *
   * @param input shape of the input in this format
   * @param weights shape of the weights in this format
   */
  public long[] outputShape(long[] input, long[] weights) {
    checkInput(input);
    long[] one = input.clone();
    one[0] = 1;
    ConvShape s = shape(one, weights);
    return channelsLast
        ? new long[] {input[0], s.oh(), s.ow(), s.oc()}
        : new long[] {input[0], s.oc(), s.oh(), s.ow()};
  }

  private void checkInput(long[] input) {
    checkRank("input", input, channelsLast ? "[mb, h, w, ic]" : "[mb, ic, h, w]");
  }

  private static void checkRank(String argument, long[] shape, String names) {
    if (shape.length != RANK) {
      throw new IllegalArgumentException(
          "%s: expected %s, got %s".formatted(argument, names, Arrays.toString(shape)));
    }
  }

  private static int[] ordered(long[] shape, int[] axes) {
    return Arrays.stream(axes).map(axis -> Math.toIntExact(shape[axis])).toArray();
  }

  private static boolean fits(int expected, int actual) {
    return expected == FROM_WEIGHTS || expected == actual;
  }

  private static String size(int kernel) {
    return kernel == FROM_WEIGHTS ? "any" : Integer.toString(kernel);
  }

  private int out(String axis, int in, int kernel, int stride, int pad, int dilation) {
    int extent = extent(kernel, dilation);
    int padded = Math.addExact(in, Math.multiplyExact(2, pad));
    if (padding == PaddingMode.VALID && padded < extent) {
      throw new IllegalArgumentException(
          "input: expected a padded %s >= %d, got %d".formatted(axis, extent, padded));
    }
    return switch (padding) {
      case VALID -> (padded - extent) / stride + 1;
      case SAME, CAUSAL -> (in - 1) / stride + 1;
    };
  }

  private int before(int in, int out, int kernel, int stride, int pad, int dilation) {
    int extent = extent(kernel, dilation);
    return switch (padding) {
      case VALID -> pad;
      case SAME -> ((out - 1) * stride + extent - in) / 2;
      case CAUSAL -> extent - 1;
    };
  }

  private static int extent(int kernel, int dilation) {
    return Math.addExact(Math.multiplyExact(kernel - 1, dilation), 1);
  }
}
