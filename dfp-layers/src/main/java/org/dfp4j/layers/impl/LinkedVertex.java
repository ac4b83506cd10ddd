package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.dfp4j.backend.pointwise.DeferredTensor;

/**
 * A vertex that leaves work to its only reader, or does its giver's. What a training step computes
 * has the same bits; tensors between two such vertices are not written.
 */
interface LinkedVertex {

  /** What the array that the last forward pass returned stands for; null for itself. */
  DeferredTensor deferred();

  /**
   * Whether the next forward pass takes a deferred tensor as any of its inputs.
   *
   * @param activated with an activation of its own
   */
  boolean takesDeferred(boolean activated);

  /** The memory of the gradient that the last backward pass handed on; null for a workspace. */
  GradientLoan gradientLoan();

  /**
   * DL4J lets the last reader of an array apply dropout in place. Here an array is read later too:
   * by the reader of a tensor that stands on it, and in the backward pass.
   */
  static void keepActivations(ComputationGraph graph) {
    for (Layer layer : graph.getLayers()) {
      layer.allowInputModification(false);
    }
  }

  /** The vertex that gives input i, if it is a linked one; else null. */
  static LinkedVertex giver(ComputationGraph graph, GraphVertex vertex, int i) {
    GraphVertex giver = graph.getVertices()[vertex.getInputVertices()[i].getVertexIndex()];
    return giver instanceof LinkedVertex linked ? linked : null;
  }

  /**
   * The only reader, if it is a linked vertex and this one is no output of the graph; else null.
   */
  static LinkedVertex onlyReader(ComputationGraph graph, GraphVertex vertex) {
    VertexIndices[] readers = vertex.getOutputVertices();
    if (vertex.isOutputVertex() || readers == null || readers.length != 1) {
      return null;
    }
    GraphVertex reader = graph.getVertices()[readers[0].getVertexIndex()];
    return reader instanceof LinkedVertex linked ? linked : null;
  }
}
