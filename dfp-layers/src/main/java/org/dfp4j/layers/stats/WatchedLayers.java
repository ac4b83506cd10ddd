package org.dfp4j.layers.stats;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.wrapper.BaseWrapperLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.dfp4j.layers.impl.Dfp16Impl;
import org.dfp4j.layers.impl.ProductTime;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The live layers of a network that a listener watches: those in DFP-16, and those in FP32 that
 * have a DFP-16 form, so that twins can be compared.
 *
 * <p>A sampled iteration of n layers takes two sketches of {@code max(16, min(128, 32768 / n))}
 * floats a layer in memory: 55 KB for the 54 layers of ResNet-50, at most 262 KB up to 2048 layers.
 * Storages in memory keep all of them: 5.5 MB for 1000 iterations at the default frequency.
 */
final class WatchedLayers {

  private static final int MOST_SKETCHED = 128;
  private static final int FEWEST_SKETCHED = 16;
  private static final int SKETCHED_IN_ALL = 1 << 15;

  /** One of them; {@code gradientKey} is what its gradients' names begin with. */
  private record Watched(String name, String gradientKey, Layer layer) {

    Dfp16Impl dfp16() {
      return layer instanceof Dfp16Impl impl ? impl : null;
    }
  }

  private final List<Watched> layers = new ArrayList<>();

  WatchedLayers(Model model, Predicate<String> filter) {
    if (model instanceof MultiLayerNetwork network) {
      Set<String> names = new HashSet<>();
      Layer[] all = network.getLayers();
      for (int i = 0; i < all.length; i++) {
        String name = all[i].conf().getLayer().getLayerName();
        if (name == null || !names.add(name)) {
          name = Integer.toString(i);
        }
        add(name, i + "_", all[i], filter);
      }
    } else if (model instanceof ComputationGraph graph) {
      GraphVertex[] vertices = graph.getVertices();
      for (int i : graph.topologicalSortOrder()) {
        if (vertices[i].hasLayer()) {
          String name = vertices[i].getVertexName();
          add(name, name + "_", vertices[i].getLayer(), filter);
        }
      }
    } else {
      throw new IllegalArgumentException(
          "model: expected MultiLayerNetwork or ComputationGraph, got " + model);
    }
  }

  private void add(String name, String gradientKey, Layer layer, Predicate<String> filter) {
    Layer inner = unwrap(layer);
    boolean watched = inner instanceof Dfp16Impl || Dfp16Layers.supports(inner.conf().getLayer());
    if (watched && filter.test(name)) {
      layers.add(new Watched(name, gradientKey, inner));
    }
  }

  private static Layer unwrap(Layer layer) {
    return layer instanceof BaseWrapperLayer wrapper ? unwrap(wrapper.getUnderlying()) : layer;
  }

  boolean anyDfp16() {
    return layers.stream().anyMatch(watched -> watched.dfp16() != null);
  }

  /** Has the DFP-16 layers sample the iteration of this number. */
  void sampleAt(int iteration) {
    for (Watched watched : layers) {
      if (watched.dfp16() != null) {
        watched.dfp16().sampleAt(iteration);
      }
    }
  }

  /** A sketch of each layer's gradients; null for a layer without. */
  List<Sketch> sketch(Gradient gradient) {
    int most =
        Math.max(
            FEWEST_SKETCHED, Math.min(MOST_SKETCHED, SKETCHED_IN_ALL / Math.max(1, layers.size())));
    Map<String, INDArray> all = gradient.gradientForVariable();
    List<Sketch> sketches = new ArrayList<>();
    for (Watched watched : layers) {
      List<INDArray> parts = new ArrayList<>();
      for (String key : watched.layer().paramTable(true).keySet()) {
        INDArray part = all.get(watched.gradientKey() + key);
        if (part != null && part.dataType() == DataType.FLOAT) {
          parts.add(part);
        }
      }
      sketches.add(parts.isEmpty() ? null : Sketch.of(parts, most));
    }
    return sketches;
  }

  /**
   * What the layers last did.
   *
   * @param gradients as {@link #sketch} gave them; null for none
   * @param updates likewise
   */
  IterationNumerics numerics(int iteration, List<Sketch> gradients, List<Sketch> updates) {
    List<LayerNumerics> result = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Sketch gradient = gradients == null ? null : gradients.get(i);
      Sketch update = updates == null ? null : updates.get(i);
      result.add(numerics(layers.get(i), i, gradient, update));
    }
    return new IterationNumerics(iteration, result);
  }

  private static LayerNumerics numerics(
      Watched watched, int index, Sketch gradient, Sketch update) {
    Dfp16Impl impl = watched.dfp16();
    if (impl == null) {
      return new LayerNumerics(watched.name(), index, null, List.of(), Map.of(), gradient, update);
    }
    String kernels = null;
    Map<Pass, Double> milliseconds = new EnumMap<>(Pass.class);
    for (ProductTime time : impl.products().values()) {
      kernels = time.kernels();
      milliseconds.put(time.product(), time.nanos() / 1e6);
    }
    return new LayerNumerics(
        watched.name(),
        index,
        kernels,
        impl.numerics().values().stream().sorted((a, b) -> a.role().compareTo(b.role())).toList(),
        milliseconds,
        gradient,
        update);
  }
}
