package org.dfp4j.backend.kernels;

/**
 * The shape of a 2-D convolution, of all three of its products.
 *
 * <pre>
 *   dst[n, o, y, x] = Σ_{c,i,j} src[n, c, y·sh - ph + i·dh, x·sw - pw + j·dw] · weights[o, c, i, j]
 *
 *   0 &lt;= n &lt; mb   0 &lt;= c &lt; ic   0 &lt;= o &lt; oc   0 &lt;= y &lt; oh   0 &lt;= x &lt; ow   0 &lt;= i &lt; kh   0 &lt;= j &lt; kw
 * </pre>
 *
 * {@code src} outside {@code [0, ih) × [0, iw)} is zero. Only the padding above and to the left is
 * named: the one below and to the right follows from {@code oh} and {@code ow}, so that Same mode's
 * uneven padding and Truncate mode's unread border need no case of their own.
 *
 * @param mb batch size
 * @param ic input channels
 * @param ih input height
 * @param iw input width
 * @param oc output channels
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
public record ConvShape(
    int mb,
    int ic,
    int ih,
    int iw,
    int oc,
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

  public ConvShape {
    LayerShape.atLeast(1, mb, "mb");
    LayerShape.atLeast(1, ic, "ic");
    LayerShape.atLeast(1, ih, "ih");
    LayerShape.atLeast(1, iw, "iw");
    LayerShape.atLeast(1, oc, "oc");
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
  }

  /** Dimensions of {@code src}: {@code [mb, ic, ih, iw]}. */
  @Override
  public long[] srcShape() {
    return new long[] {mb, ic, ih, iw};
  }

  /** Dimensions of {@code weights}: {@code [oc, ic, kh, kw]}. */
  @Override
  public long[] weightsShape() {
    return new long[] {oc, ic, kh, kw};
  }

  /** Dimensions of {@code dst}: {@code [mb, oc, oh, ow]}. */
  @Override
  public long[] dstShape() {
    return new long[] {mb, oc, oh, ow};
  }
}
