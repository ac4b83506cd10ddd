package org.dfp4j.examples.reproducible;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.dfp4j.examples.models.Network;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Listens to one iteration and hashes what the layers compute. */
final class Tracer extends BaseTrainingListener {

  private final List<Trace.Step> steps = new ArrayList<>();

  private void add(String what, INDArray array) {
    steps.add(new Trace.Step(what, Digest.of(array)));
  }

  @Override
  public void onForwardPass(Model model, List<INDArray> activations) {
    MultiLayerNetwork network = (MultiLayerNetwork) model;
    add("input", activations.get(0));
    for (int i = 1; i < activations.size(); i++) {
      String name = network.getLayer(i - 1).conf().getLayer().getLayerName();
      add("activations of " + (name == null ? "layer " + (i - 1) : name), activations.get(i));
    }
  }

  @Override
  public void onForwardPass(Model model, Map<String, INDArray> activations) {
    ComputationGraph network = (ComputationGraph) model;
    GraphVertex[] vertices = network.getVertices();
    for (int i : network.topologicalSortOrder()) {
      String name = vertices[i].getVertexName();
      if (activations.containsKey(name)) {
        add("activations of " + name, activations.get(name));
      }
    }
  }

  /** Backpropagation goes from the last layer to the first. */
  @Override
  public void onGradientCalculation(Model model) {
    Map<String, INDArray> gradients = model.gradient().gradientForVariable();
    List<String> names = new ArrayList<>(model.paramTable().keySet());
    Collections.reverse(names);
    names.removeIf(name -> !gradients.containsKey(name)); // Those of frozen layers.
    names.forEach(name -> add("gradient of " + name, gradients.get(name)));
  }

  /** Everything up to the end of the iteration. */
  Trace trace(Network network, double score) {
    steps.add(new Trace.Step("score", Digest.of(score)));
    network.model().paramTable().forEach((name, array) -> add("parameters " + name, array));
    add("updater state", network.updaterState());
    return new Trace(steps);
  }
}
