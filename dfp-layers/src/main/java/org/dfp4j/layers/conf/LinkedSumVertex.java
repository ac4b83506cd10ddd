package org.dfp4j.layers.conf;

import org.deeplearning4j.nn.conf.graph.ElementWiseVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.layers.impl.LinkedSum;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An {@link ElementWiseVertex} that adds, on this project's FP32 kernels; {@link LinkedSum} says
 * where it works together with its neighbours.
 */
public class LinkedSumVertex extends ElementWiseVertex implements SwappedVertex {

  private static final long serialVersionUID = 1L;

  /** A sum. */
  public LinkedSumVertex() {
    super(Op.Add);
  }

  @Override
  public ElementWiseVertex toStock() {
    return new ElementWiseVertex(Op.Add);
  }

  @Override
  public GraphVertex instantiate(
      ComputationGraph graph,
      String name,
      int index,
      INDArray paramsView,
      boolean initializeParams,
      DataType dataType) {
    return new LinkedSum(graph, name, index, dataType, Fp32KernelProvider.kernels());
  }

  @Override
  public LinkedSumVertex clone() {
    return new LinkedSumVertex();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof LinkedSumVertex;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 1;
  }
}
