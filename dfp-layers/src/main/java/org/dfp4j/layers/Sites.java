package org.dfp4j.layers;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.FrozenVertex;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;

/** Finds the layers of a configuration and their places in it. */
final class Sites {

  /** A layer and the object that holds its configuration. */
  record Held(LayerSite site, NeuralNetConfiguration holder) {}

  private final Map<String, NeuralNetConfiguration> holders = new LinkedHashMap<>();
  private final Map<String, List<String>> inputs = new HashMap<>();
  private final Map<String, List<String>> outputs = new HashMap<>();

  private Sites() {}

  static List<Held> of(MultiLayerConfiguration conf) {
    Sites sites = new Sites();
    String previous = null;
    for (int i = 0; i < conf.getConfs().size(); i++) {
      NeuralNetConfiguration holder = conf.getConf(i);
      String name = holder.getLayer().getLayerName();
      if (name == null || sites.holders.containsKey(name)) {
        name = Integer.toString(i);
      }
      sites.holders.put(name, holder);
      sites.connect(previous, name);
      previous = name;
    }
    return sites.held();
  }

  static List<Held> of(ComputationGraphConfiguration conf) {
    Sites sites = new Sites();
    conf.getVertices()
        .forEach(
            (name, vertex) -> {
              NeuralNetConfiguration holder = holder(vertex);
              if (holder != null) {
                sites.holders.put(name, holder);
              }
            });
    conf.getVertexInputs()
        .forEach((name, from) -> from.forEach(source -> sites.connect(source, name)));
    return sites.held();
  }

  /** The layer configuration that a vertex holds; null where it holds none. */
  private static NeuralNetConfiguration holder(GraphVertex vertex) {
    if (vertex instanceof FrozenVertex frozen) {
      return holder(frozen.getUnderlying());
    }
    return vertex instanceof LayerVertex layer ? layer.getLayerConf() : null;
  }

  private void connect(String from, String to) {
    if (from != null) {
      inputs.computeIfAbsent(to, key -> new ArrayList<>()).add(from);
      outputs.computeIfAbsent(from, key -> new ArrayList<>()).add(to);
    }
  }

  private List<Held> held() {
    Map<String, Boolean> convolutionAbove = new HashMap<>();
    Map<String, Boolean> productBelow = new HashMap<>();
    List<Held> result = new ArrayList<>();
    holders.forEach(
        (name, holder) -> {
          Layer layer = Wrappers.unwrap(holder.getLayer());
          boolean first =
              layer instanceof ConvolutionLayer
                  && !reaches(name, inputs, Sites::isConvolution, convolutionAbove);
          boolean classifier =
              isProduct(layer) && !reaches(name, outputs, Sites::isProduct, productBelow);
          result.add(
              new Held(new LayerSite(name, result.size(), layer, first, classifier), holder));
        });
    return result;
  }

  /** Whether a layer of the wanted kind can be reached from the named one, itself left out. */
  private boolean reaches(
      String name,
      Map<String, List<String>> edges,
      Predicate<Layer> wanted,
      Map<String, Boolean> known) {
    Boolean answer = known.get(name);
    if (answer == null) {
      answer = false;
      for (String next : edges.getOrDefault(name, List.of())) {
        NeuralNetConfiguration holder = holders.get(next);
        answer |=
            (holder != null && wanted.test(Wrappers.unwrap(holder.getLayer())))
                || reaches(next, edges, wanted, known);
      }
      known.put(name, answer);
    }
    return answer;
  }

  private static boolean isConvolution(Layer layer) {
    return layer instanceof ConvolutionLayer;
  }

  private static boolean isProduct(Layer layer) {
    return isConvolution(layer)
        || layer instanceof DenseLayer
        || layer instanceof BaseOutputLayer
        || layer instanceof BaseRecurrentLayer
        || layer instanceof Bidirectional;
  }
}
