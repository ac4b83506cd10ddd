package org.dfp4j.backend.kernels;

/**
 * The shape of a fully connected layer, of all three of its products.
 *
 * <pre>
 *   dst[n, o]         = Σ_c src[n, c]     · weights[c, o]
 *   diffSrc[n, c]     = Σ_o diffDst[n, o] · weights[c, o]
 *   diffWeights[c, o] = Σ_n src[n, c]     · diffDst[n, o]
 * </pre>
 *
 * @param mb batch size
 * @param ic inputs
 * @param oc outputs
 */
public record DenseShape(int mb, int ic, int oc) implements LayerShape {

  public DenseShape {
    LayerShape.atLeast(1, mb, "mb");
    LayerShape.atLeast(1, ic, "ic");
    LayerShape.atLeast(1, oc, "oc");
  }

  /** Dimensions of {@code src}: {@code [mb, ic]}. */
  @Override
  public long[] srcShape() {
    return new long[] {mb, ic};
  }

  /** Dimensions of {@code weights}: {@code [ic, oc]}, as DL4J stores them. */
  @Override
  public long[] weightsShape() {
    return new long[] {ic, oc};
  }

  /** Dimensions of {@code dst}: {@code [mb, oc]}. */
  @Override
  public long[] dstShape() {
    return new long[] {mb, oc};
  }
}
