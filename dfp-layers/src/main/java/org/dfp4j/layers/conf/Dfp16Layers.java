package org.dfp4j.layers.conf;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;

/** The stock layer configurations that have a DFP-16 form, and their swap. */
public final class Dfp16Layers {

  /**
   * Exactly these classes are swapped. A subclass changes what the layer computes, so it never is.
   */
  public static final List<Class<? extends Layer>> SUPPORTED =
      List.of(ConvolutionLayer.class, Convolution2D.class, DenseLayer.class, OutputLayer.class);

  private Dfp16Layers() {}

  /** Whether {@link #swap} takes the layer: a supported stock class, or a DFP-16 layer already. */
  public static boolean supports(Layer layer) {
    return layer instanceof Dfp16Layer || SUPPORTED.contains(layer.getClass());
  }

  /**
   * The DFP-16 form of a layer. A layer that is in DFP-16 already gets the given precision.
   *
   * @param layer copied, not modified
   * @param precision how DFP-16 is used
   * @throws IllegalArgumentException if the class has no DFP-16 form
   */
  public static Layer swap(Layer layer, LayerPrecision precision) {
    Layer stock = layer instanceof Dfp16Layer dfp ? dfp.toStock() : layer;
    if (stock.getClass() == ConvolutionLayer.class) {
      return new Dfp16Convolution((ConvolutionLayer) stock, precision);
    }
    if (stock.getClass() == Convolution2D.class) {
      return new Dfp16Convolution2D((Convolution2D) stock, precision);
    }
    if (stock.getClass() == DenseLayer.class) {
      return new Dfp16Dense((DenseLayer) stock, precision);
    }
    if (stock.getClass() == OutputLayer.class) {
      return new Dfp16Output((OutputLayer) stock, precision);
    }
    throw new IllegalArgumentException(
        String.format(
            "layer: expected one of %s, got %s (layer %s)",
            SUPPORTED.stream().map(Class::getSimpleName).toList(),
            stock.getClass().getName(),
            stock.getLayerName()));
  }
}
