package org.dfp4j.layers.conf;

import java.util.List;
import java.util.function.BiFunction;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.nn.conf.layers.Convolution1DLayer;
import org.deeplearning4j.nn.conf.layers.Convolution2D;
import org.deeplearning4j.nn.conf.layers.Convolution3D;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.Deconvolution2D;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.DepthwiseConvolution2D;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.SeparableConvolution2D;
import org.deeplearning4j.util.ConvolutionUtils;

/** The stock layer configurations that have a DFP-16 form, and their swap. */
public final class Dfp16Layers {

  /** A stock class and the constructor of its DFP-16 form. */
  private record Swap<L extends Layer>(
      Class<L> stock, BiFunction<L, LayerPrecision, ? extends Layer> form) {

    Layer of(Layer layer, LayerPrecision precision) {
      return form.apply(stock.cast(layer), precision);
    }
  }

  private static final List<Swap<?>> SWAPS =
      List.of(
          new Swap<>(ConvolutionLayer.class, Dfp16Convolution::new),
          new Swap<>(Convolution2D.class, Dfp16Convolution2D::new),
          new Swap<>(DenseLayer.class, Dfp16Dense::new),
          new Swap<>(OutputLayer.class, Dfp16Output::new),
          new Swap<>(Convolution1DLayer.class, Dfp16Convolution1DLayer::new),
          new Swap<>(Convolution1D.class, Dfp16Convolution1D::new),
          new Swap<>(Convolution3D.class, Dfp16Convolution3D::new),
          new Swap<>(Deconvolution2D.class, Dfp16Deconvolution2D::new),
          new Swap<>(DepthwiseConvolution2D.class, Dfp16DepthwiseConvolution2D::new),
          new Swap<>(SeparableConvolution2D.class, Dfp16SeparableConvolution2D::new));

  /**
   * Exactly these classes are swapped. A subclass changes what the layer computes, so it never is.
   */
  public static final List<Class<? extends Layer>> SUPPORTED =
      SWAPS.stream().<Class<? extends Layer>>map(Swap::stock).toList();

  private Dfp16Layers() {}

  /** Whether {@link #swap} takes the layer: a supported stock class, or a DFP-16 layer already. */
  public static boolean supports(Layer layer) {
    return layer instanceof Dfp16Layer
        || (SUPPORTED.contains(layer.getClass()) && !padsByLessThanNothing(layer));
  }

  /**
   * Whether a layer is a transposed convolution in Same mode whose stride is larger than its kernel
   * by 2 or more: its padding is negative, which the kernels do not have.
   */
  public static boolean padsByLessThanNothing(Layer layer) {
    if (!(layer instanceof Deconvolution2D conf)
        || conf.getConvolutionMode() != ConvolutionMode.Same) {
      return false;
    }
    int[] extent = ConvolutionUtils.effectiveKernelSize(conf.getKernelSize(), conf.getDilation());
    int[] stride = conf.getStride();
    return stride[0] - extent[0] >= 2 || stride[1] - extent[1] >= 2;
  }

  /**
   * The DFP-16 form of a layer. A layer that is in DFP-16 already gets the given precision.
   *
   * @param layer copied, not modified
   * @param precision how DFP-16 is used
   * @throws IllegalArgumentException if the layer has no DFP-16 form
   */
  public static Layer swap(Layer layer, LayerPrecision precision) {
    Layer stock = layer instanceof Dfp16Layer dfp ? dfp.toStock() : layer;
    for (Swap<?> swap : SWAPS) {
      if (stock.getClass() == swap.stock() && supports(stock)) {
        return swap.of(stock, precision);
      }
    }
    throw new IllegalArgumentException(
        String.format(
            "layer: expected one of %s, got %s (layer %s)",
            SUPPORTED.stream().map(Class::getSimpleName).toList(),
            stock.getClass().getName(),
            stock.getLayerName()));
  }
}
