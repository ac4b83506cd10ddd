package org.dfp4j.layers.impl;

import java.util.Arrays;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.graph.vertex.VertexIndices;
import org.deeplearning4j.nn.graph.vertex.impl.FrozenVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;

/**
 * Gradients by outputs of vertices that no parameter's gradient needs: those of the graph's inputs,
 * of frozen vertices, and of layers without parameters that read such an output.
 *
 * <p>DL4J computes them into a workspace that it closes before anyone can read them. Its backward
 * pass takes null in their place where all readers of an output pass null.
 */
final class UnreadGradients {

  private UnreadGradients() {}

  /**
   * Whether nobody reads the gradient by a vertex's input, and all other readers of that input
   * leave it out too.
   */
  static boolean isByInputOf(
      ComputationGraph graph, LinkedLayer vertex, LayerWorkspaceMgr workspaceMgr) {
    // Without workspaces a listener can read it from the vertex.
    return vertex.canLeaveOutInputGradient()
        && !workspaceMgr.isScopedOut(ArrayType.ACTIVATION_GRAD)
        && isUnread(graph, giver(graph, vertex));
  }

  private static boolean isUnread(ComputationGraph graph, GraphVertex vertex) {
    return (endsBackwardPass(vertex) || passesUnread(graph, vertex))
        && Arrays.stream(vertex.getOutputVertices())
            .map(reader -> vertexOf(graph, reader))
            .allMatch(reader -> reader instanceof LinkedLayer l && l.canLeaveOutInputGradient());
  }

  private static boolean endsBackwardPass(GraphVertex vertex) {
    return vertex.isInputVertex()
        || vertex instanceof FrozenVertex
        || (vertex.hasLayer() && vertex.getLayer() instanceof FrozenLayer);
  }

  private static boolean passesUnread(ComputationGraph graph, GraphVertex vertex) {
    return vertex instanceof LinkedLayer layer
        && layer.hasNoParameters()
        && layer.canLeaveOutInputGradient()
        && isUnread(graph, giver(graph, layer));
  }

  private static GraphVertex giver(ComputationGraph graph, LinkedLayer vertex) {
    return vertexOf(graph, vertex.getInputVertices()[0]);
  }

  private static GraphVertex vertexOf(ComputationGraph graph, VertexIndices index) {
    return graph.getVertices()[index.getVertexIndex()];
  }
}
