package org.dfp4j.backend.kernels;

/**
 * The shape of a depthwise 2-D convolution, which filters each input channel by itself.
 *
 * <pre>
 *   dst[n, c·multiplier + m, y, x] =
 *       Σ_{i,j} src[n, c, y·sh - ph + i·dh, x·sw - pw + j·dw] · weights[c, m, i, j]
 *
 *   0 &lt;= n &lt; mb   0 &lt;= c &lt; ic   0 &lt;= m &lt; multiplier   0 &lt;= y &lt; oh   0 &lt;= x &lt; ow
 *   0 &lt;= i &lt; kh   0 &lt;= j &lt; kw
 * </pre>
 *
 * {@code src} outside {@code [0, ih) × [0, iw)} is zero.
 *
 * @param mb batch size
 * @param ic input channels
 * @param ih input height
 * @param iw input width
 * @param multiplier output channels of an input channel; fewer than 2^31 in all
 * @param oh output height
 * @param ow output width
 * @param kh kernel height
 * @param kw kernel width
 * @param sh vertical stride
 * @param sw horizontal stride
 * @param ph zero rows above the input
 * @param pw zero columns left of the input
 * @param dh vertical dilation; 1 is a dense kernel
 * @param dw horizontal dilation
 */
public record DepthwiseShape(
    int mb,
    int ic,
    int ih,
    int iw,
    int multiplier,
    int oh,
    int ow,
    int kh,
    int kw,
    int sh,
    int sw,
    int ph,
    int pw,
    int dh,
    int dw)
    implements LayerShape {

  public DepthwiseShape {
    LayerShape.atLeast(1, mb, "mb");
    LayerShape.atLeast(1, ic, "ic");
    LayerShape.atLeast(1, ih, "ih");
    LayerShape.atLeast(1, iw, "iw");
    LayerShape.atLeast(1, multiplier, "multiplier");
    LayerShape.atLeast(1, oh, "oh");
    LayerShape.atLeast(1, ow, "ow");
    LayerShape.atLeast(1, kh, "kh");
    LayerShape.atLeast(1, kw, "kw");
    LayerShape.atLeast(1, sh, "sh");
    LayerShape.atLeast(1, sw, "sw");
    LayerShape.atLeast(0, ph, "ph");
    LayerShape.atLeast(0, pw, "pw");
    LayerShape.atLeast(1, dh, "dh");
    LayerShape.atLeast(1, dw, "dw");
    if ((long) ic * multiplier > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "multiplier: expected ic * multiplier < 2^31, got " + ic + " * " + multiplier);
    }
  }

  /** Output channels, {@code ic · multiplier}. */
  public int oc() {
    return ic * multiplier;
  }

  /** Dimensions of {@code src}: {@code [mb, ic, ih, iw]}. */
  @Override
  public long[] srcShape() {
    return new long[] {mb, ic, ih, iw};
  }

  /** Dimensions of {@code weights}: {@code [ic, multiplier, kh, kw]}. */
  @Override
  public long[] weightsShape() {
    return new long[] {ic, multiplier, kh, kw};
  }

  /** Dimensions of {@code dst}: {@code [mb, ic · multiplier, oh, ow]}. */
  @Override
  public long[] dstShape() {
    return new long[] {mb, oc(), oh, ow};
  }
}
