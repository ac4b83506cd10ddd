package org.dfp4j.layers.conf;

import org.deeplearning4j.nn.conf.InputPreProcessor;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.dfp4j.layers.impl.LinkedLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link LayerVertex} whose layer works together with those of neighbouring vertices where {@link
 * LinkedLayer} says so.
 */
public class LinkedLayerVertex extends LayerVertex implements SwappedVertex {

  private static final long serialVersionUID = 1L;

  /** An empty configuration, for JSON. */
  public LinkedLayerVertex() {}

  /**
   * The configuration of a stock vertex.
   *
   * @param stock not modified; its layer is held, not copied
   */
  public LinkedLayerVertex(LayerVertex stock) {
    super(stock.getLayerConf(), stock.getPreProcessor());
    setOutputVertex(stock.isOutputVertex());
  }

  @Override
  public LayerVertex toStock() {
    LayerVertex stock = new LayerVertex(getLayerConf(), getPreProcessor());
    stock.setOutputVertex(isOutputVertex());
    return stock;
  }

  @Override
  public GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    GraphVertex stock =
        super.instantiate(graph, name, index, paramsView, initializeParams, dataType);
    return new LinkedLayer((org.deeplearning4j.nn.graph.vertex.impl.LayerVertex) stock, dataType);
  }

  @Override
  public LinkedLayerVertex clone() {
    NeuralNetConfiguration layer = getLayerConf().clone();
    InputPreProcessor preProcessor = getPreProcessor();
    return new LinkedLayerVertex(
        new LayerVertex(layer, preProcessor == null ? null : preProcessor.clone()));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinkedLayerVertex && super.equals(other);
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 1;
  }
}
