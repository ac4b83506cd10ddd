package org.dfp4j.backend.kernels;

/**
 * The shape of a 3-D convolution: a {@link ConvShape} with depth.
 *
 * <pre>
 *   dst[n, o, z, y, x] = Σ_{c,l,i,j}
 *       src[n, c, z·sd - pd + l·dd, y·sh - ph + i·dh, x·sw - pw + j·dw] · weights[o, c, l, i, j]
 *
 *   0 &lt;= n &lt; mb   0 &lt;= c &lt; ic   0 &lt;= o &lt; oc   0 &lt;= z &lt; od   0 &lt;= l &lt; kd
 * </pre>
 *
 * @param plane the same convolution of a single slice
 * @param id input depth
 * @param od output depth
 * @param kd kernel depth
 * @param sd stride in depth
 * @param pd zero slices before the input
 * @param dd dilation in depth; 1 is a dense kernel
 */
public record Conv3dShape(ConvShape plane, int id, int od, int kd, int sd, int pd, int dd)
    implements LayerShape {

  public Conv3dShape {
    if (plane == null) {
      throw new IllegalArgumentException("plane: expected the shape of a slice, got null");
    }
    LayerShape.atLeast(1, id, "id");
    LayerShape.atLeast(1, od, "od");
    LayerShape.atLeast(1, kd, "kd");
    LayerShape.atLeast(1, sd, "sd");
    LayerShape.atLeast(0, pd, "pd");
    LayerShape.atLeast(1, dd, "dd");
  }

  /** A 2-D convolution as one of depth 1. */
  static Conv3dShape flat(ConvShape plane) {
    return new Conv3dShape(plane, 1, 1, 1, 1, 0, 1);
  }

  /** Dimensions of {@code src}: {@code [mb, ic, id, ih, iw]}. */
  @Override
  public long[] srcShape() {
    return new long[] {plane.mb(), plane.ic(), id, plane.ih(), plane.iw()};
  }

  /** Dimensions of {@code weights}: {@code [oc, ic, kd, kh, kw]}. */
  @Override
  public long[] weightsShape() {
    return new long[] {plane.oc(), plane.ic(), kd, plane.kh(), plane.kw()};
  }

  /** Dimensions of {@code dst}: {@code [mb, oc, od, oh, ow]}. */
  @Override
  public long[] dstShape() {
    return new long[] {plane.mb(), plane.oc(), od, plane.oh(), plane.ow()};
  }
}
