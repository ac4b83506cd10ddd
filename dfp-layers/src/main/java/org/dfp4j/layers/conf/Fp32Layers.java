package org.dfp4j.layers.conf;

import java.util.List;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;

/** The stock layer configurations that run in FP32 on this project's kernels, and their swap. */
public final class Fp32Layers {

  /**
   * Exactly these classes are swapped, activations only with the functions of {@link Rectifiers}
   * and pooling only as {@link Fp32Subsampling} describes. A subclass changes what the layer
   * computes, so it never is.
   */
  public static final List<Class<? extends Layer>> SUPPORTED =
      List.of(
          BatchNormalization.class,
          ActivationLayer.class,
          SubsamplingLayer.class,
          LocalResponseNormalization.class);

  private Fp32Layers() {}

  /** Whether {@link #swap} takes the layer: a supported one, or one that was swapped already. */
  public static boolean supports(Layer layer) {
    if (layer instanceof Fp32Layer) {
      return true;
    }
    if (layer.getClass() == ActivationLayer.class) {
      return Rectifiers.of(((ActivationLayer) layer).getActivationFn()).isPresent();
    }
    if (layer.getClass() == SubsamplingLayer.class) {
      return Fp32Subsampling.supports((SubsamplingLayer) layer);
    }
    if (layer.getClass() == LocalResponseNormalization.class) {
      return Fp32ResponseNorm.supports((LocalResponseNormalization) layer);
    }
    return SUPPORTED.contains(layer.getClass());
  }

  /**
   * The layer on this project's FP32 kernels.
   *
   * @param layer copied, not modified
   * @throws IllegalArgumentException if there are none for it
   */
  public static Layer swap(Layer layer) {
    Layer stock = layer instanceof Fp32Layer swapped ? swapped.toStock() : layer;
    if (stock.getClass() == BatchNormalization.class) {
      return new Fp32BatchNormalization((BatchNormalization) stock);
    }
    if (stock.getClass() == ActivationLayer.class && supports(stock)) {
      return new Fp32Activation((ActivationLayer) stock);
    }
    if (stock.getClass() == SubsamplingLayer.class && supports(stock)) {
      return new Fp32Subsampling((SubsamplingLayer) stock);
    }
    if (stock.getClass() == LocalResponseNormalization.class && supports(stock)) {
      return new Fp32ResponseNorm((LocalResponseNormalization) stock);
    }
    String function =
        stock instanceof ActivationLayer activation ? " with " + activation.getActivationFn() : "";
    throw new IllegalArgumentException(
        "layer: expected one of %s, an activation with one of %s, got %s%s (layer %s)"
            .formatted(
                SUPPORTED.stream().map(Class::getSimpleName).toList(),
                Rectifiers.NAMES,
                stock.getClass().getSimpleName(),
                function,
                stock.getLayerName()));
  }
}
