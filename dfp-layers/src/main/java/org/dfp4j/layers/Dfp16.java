package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.layers.Layer;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.dfp4j.layers.conf.LayerPrecision;

/** The flag for one layer: run it in DFP-16. */
public final class Dfp16 {

  private Dfp16() {}

  /**
   * The DFP-16 form of a layer configuration, with {@link LayerPrecision#DEFAULT}.
   *
   * @param layer copied, not modified
   * @throws IllegalArgumentException if the class has no DFP-16 form; names those that have
   */
  public static <L extends Layer> L layer(L layer) {
    return layer(layer, LayerPrecision.DEFAULT);
  }

  /**
   * The DFP-16 form of a layer configuration.
   *
   * @param layer copied, not modified
   * @param precision how DFP-16 is used
   * @throws IllegalArgumentException if the class has no DFP-16 form; names those that have
   */
  @SuppressWarnings("unchecked") // The DFP-16 form extends the stock class of its argument.
  public static <L extends Layer> L layer(L layer, LayerPrecision precision) {
    return (L) Dfp16Layers.swap(layer, precision);
  }
}
