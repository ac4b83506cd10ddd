package org.dfp4j.examples.numerics;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.PoolingType;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationSoftPlus;

/**
 * Rectifiers and maximum pooling jump in their derivatives: where a value is near 0, or two are
 * nearly equal, the smallest change of it sends a gradient elsewhere.
 */
final class Smoothing {

  private Smoothing() {}

  /** Whether a layer's activation function is a rectifier. */
  static boolean rectifies(Layer layer) {
    org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
    IActivation function = null;
    if (conf instanceof ActivationLayer activation) {
      function = activation.getActivationFn();
    } else if (conf instanceof BaseLayer base) {
      function = base.getActivationFn();
    }
    return function instanceof ActivationReLU || function instanceof ActivationLReLU;
  }

  /**
   * Puts softplus in place of rectifiers and the mean in place of maximum pooling, in the
   * configurations of these layers.
   */
  static void smooth(Iterable<Layer> layers) {
    for (Layer layer : layers) {
      org.deeplearning4j.nn.conf.layers.Layer conf = layer.conf().getLayer();
      if (rectifies(layer)) {
        if (conf instanceof ActivationLayer activation) {
          activation.setActivationFn(new ActivationSoftPlus());
        } else {
          ((BaseLayer) conf).setActivationFn(new ActivationSoftPlus());
        }
      }
      if (conf instanceof SubsamplingLayer pooling && pooling.getPoolingType() == PoolingType.MAX) {
        pooling.setPoolingType(PoolingType.AVG);
      }
    }
  }
}
