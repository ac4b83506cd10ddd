package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayer;
import org.deeplearning4j.nn.conf.layers.misc.FrozenLayerWithBackprop;
import org.deeplearning4j.nn.conf.layers.recurrent.TimeDistributed;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.dfp4j.layers.conf.LayerFields;
import org.dfp4j.layers.conf.SwappedLayer;

/** Layers that wrap a layer and leave its products to it: frozen and time-distributed ones. */
final class Wrappers {

  private Wrappers() {}

  /** The layer inside all known wrappers; the layer itself where there is none. */
  static Layer unwrap(Layer layer) {
    return isWrapper(layer) ? unwrap(inner(layer)) : layer;
  }

  /**
   * Puts a layer in place of the innermost one.
   *
   * @param layer a wrapper, modified; or a layer to be replaced
   * @return the outermost layer
   */
  static Layer replace(Layer layer, Layer innermost) {
    if (!isWrapper(layer)) {
      return innermost;
    }
    Layer inner = replace(inner(layer), innermost);
    if (layer instanceof FrozenLayer) {
      LayerFields.rewrap(layer, FrozenLayer.class, "layer", inner);
    } else {
      LayerFields.rewrap(layer, BaseWrapperLayer.class, "underlying", inner);
    }
    return layer;
  }

  /** Simple names of the stock classes: {@code FrozenLayer(ConvolutionLayer)}. */
  static String typeOf(Layer layer) {
    if (isWrapper(layer)) {
      return layer.getClass().getSimpleName() + "(" + typeOf(inner(layer)) + ")";
    }
    Class<?> type =
        layer instanceof SwappedLayer ? layer.getClass().getSuperclass() : layer.getClass();
    return type.getSimpleName().isEmpty() ? type.getName() : type.getSimpleName();
  }

  private static boolean isWrapper(Layer layer) {
    return layer.getClass() == FrozenLayer.class
        || layer.getClass() == FrozenLayerWithBackprop.class
        || layer.getClass() == TimeDistributed.class;
  }

  private static Layer inner(Layer wrapper) {
    return wrapper instanceof FrozenLayer frozen
        ? frozen.getLayer()
        : ((BaseWrapperLayer) wrapper).getUnderlying();
  }
}
