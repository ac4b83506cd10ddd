package org.dfp4j.layers.conf;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.FeedForwardLayer;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** What DL4J does to a new layer in each of its own {@code instantiate} methods. */
final class Instantiation {

  private Instantiation() {}

  /** The constructor of an implementation. */
  @FunctionalInterface
  interface Constructor {
    Layer create(
        NeuralNetConfiguration conf, DataType dataType, LayerPrecision precision, Kernels kernels);
  }

  /** A layer with the kernels of this process. */
  static Layer of(
      Constructor constructor,
      FeedForwardLayer layerConf,
      LayerPrecision precision,
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    LayerValidation.assertNInNOutSet(
        layerConf.getClass().getSimpleName(),
        layerConf.getLayerName(),
        layerIndex,
        layerConf.getNIn(),
        layerConf.getNOut());
    Layer layer = constructor.create(conf, dataType, precision, KernelProvider.kernels());
    return complete(layer, conf, listeners, layerIndex, paramsView, initializeParams);
  }

  /** Gives a new layer its place in the network and its parameters. */
  static Layer complete(
      Layer layer,
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams) {
    layer.setListeners(listeners);
    layer.setIndex(layerIndex);
    layer.setParamsViewArray(paramsView);
    layer.setParamTable(conf.getLayer().initializer().init(conf, paramsView, initializeParams));
    layer.setConf(conf);
    return layer;
  }
}
