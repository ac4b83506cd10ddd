package org.dfp4j.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.deeplearning4j.nn.api.Updater;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.conf.MultiLayerConfiguration;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.deeplearning4j.nn.layers.FrozenLayer;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.nn.updater.graph.ComputationGraphUpdater;
import org.dfp4j.layers.ConversionReport.Decision;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.dfp4j.layers.Sites.Held;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.dfp4j.layers.conf.Fp32Layers;
import org.dfp4j.layers.conf.LayerFields;
import org.dfp4j.layers.conf.LayerPrecision;
import org.dfp4j.layers.conf.SwappedLayer;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Converts whole networks between FP32 and DFP-16.
 *
 * <p>Nothing is converted in place: arguments are not modified and share no array with the result.
 * Converted networks survive {@code clone()}, JSON and {@code ModelSerializer}. Instances are
 * immutable.
 */
public final class MixedPrecision {

  /** Why an accelerated layer is one. */
  static final String OWN_KERNELS = "FP32, own kernels";

  private static final Logger LOG = LoggerFactory.getLogger(MixedPrecision.class);

  private final PrecisionPolicy policy;

  private MixedPrecision(PrecisionPolicy policy) {
    this.policy = Objects.requireNonNull(policy, "policy: expected one, got null");
  }

  /** Every layer that has a DFP-16 form runs in it: {@link PrecisionPolicy#DFP16}. */
  public static MixedPrecision dfp16() {
    return of(PrecisionPolicy.DFP16);
  }

  /** The way back to stock DL4J classes: {@link PrecisionPolicy#FP32}. */
  public static MixedPrecision fp32() {
    return of(PrecisionPolicy.FP32);
  }

  /** The recipe of the paper: {@link PrecisionPolicy#PAPER}. */
  public static MixedPrecision paper() {
    return of(PrecisionPolicy.PAPER);
  }

  /** A conversion by the given policy. */
  public static MixedPrecision of(PrecisionPolicy policy) {
    return new MixedPrecision(policy);
  }

  /** What {@code convert} would do, layer by layer. */
  public ConversionReport plan(MultiLayerConfiguration conf) {
    return report(Sites.of(conf), conf.getDataType());
  }

  /** What {@code convert} would do, layer by layer. */
  public ConversionReport plan(ComputationGraphConfiguration conf) {
    return report(Sites.of(conf), conf.getDataType());
  }

  /** What {@code convert} would do, layer by layer. */
  public ConversionReport plan(MultiLayerNetwork network) {
    return plan(network.getLayerWiseConfigurations());
  }

  /** What {@code convert} would do, layer by layer. */
  public ConversionReport plan(ComputationGraph network) {
    return plan(network.getConfiguration());
  }

  /** A converted copy. */
  public MultiLayerConfiguration convert(MultiLayerConfiguration conf) {
    MultiLayerConfiguration copy = conf.clone();
    convert(Sites.of(copy), copy.getDataType());
    return copy;
  }

  /** A converted copy. */
  public ComputationGraphConfiguration convert(ComputationGraphConfiguration conf) {
    ComputationGraphConfiguration copy = Graphs.copy(conf);
    convert(Sites.of(copy), copy.getDataType());
    if (copy.getDataType() == DataType.FLOAT) {
      Graphs.link(copy, policy.fp32Kernels());
    }
    return copy;
  }

  /**
   * A converted network with copies of the parameters, of the updater's state and of the iteration
   * and epoch counts. Listeners and recurrent state are not carried over.
   *
   * @throws IllegalArgumentException if the network is not initialised
   */
  public MultiLayerNetwork convert(MultiLayerNetwork network) {
    checkInitialised(network.isInitCalled());
    MultiLayerNetwork twin = new MultiLayerNetwork(convert(network.getLayerWiseConfigurations()));
    twin.init(network.params().dup(), false);
    org.deeplearning4j.nn.api.Layer[] layers = twin.getLayers();
    for (int i = 0; i < layers.length; i++) {
      // A layer can be frozen in the network alone.
      if (network.getLayer(i) instanceof FrozenLayer && !(layers[i] instanceof FrozenLayer)) {
        layers[i] = new FrozenLayer(layers[i]);
      }
    }
    Updater updater = network.getUpdater(false);
    INDArray state = updater == null ? null : updater.getStateViewArray();
    if (state != null) {
      twin.getUpdater().setStateViewArray(twin, state.dup(), false);
    }
    return twin;
  }

  /**
   * A converted network with copies of the parameters, of the updater's state and of the iteration
   * and epoch counts. Listeners and recurrent state are not carried over.
   *
   * @throws IllegalArgumentException if the network is not initialised
   */
  public ComputationGraph convert(ComputationGraph network) {
    checkInitialised(network.params() != null);
    ComputationGraph twin = new ComputationGraph(convert(network.getConfiguration()));
    twin.init(network.params().dup(), false);
    for (GraphVertex vertex : network.getVertices()) {
      String name = vertex.getVertexName();
      // A layer can be frozen in the network alone.
      if (vertex.getLayer() instanceof FrozenLayer
          && !(twin.getLayer(name) instanceof FrozenLayer)) {
        twin.getVertex(name).setLayerAsFrozen();
      }
    }
    ComputationGraphUpdater updater = network.getUpdater(false);
    INDArray state = updater == null ? null : updater.getStateViewArray();
    if (state != null) {
      twin.getUpdater().setStateViewArray(state.dup());
    }
    return twin;
  }

  private static void checkInitialised(boolean initialised) {
    if (!initialised) {
      throw new IllegalArgumentException(
          "network: expected an initialised one, got one without parameters; call init()");
    }
  }

  private ConversionReport report(List<Held> layers, DataType dataType) {
    List<LayerDecision> decisions = new ArrayList<>();
    layers.forEach(layer -> decisions.add(decide(layer, dataType)));
    return new ConversionReport(policy.name(), decisions);
  }

  /** Converts the layers of a cloned configuration. */
  private void convert(List<Held> layers, DataType dataType) {
    // Decide first: the rules must see the layers as they were.
    ConversionReport report = report(layers, dataType);
    for (int i = 0; i < layers.size(); i++) {
      Held held = layers.get(i);
      Layer inner = held.site().layer();
      switch (report.layers().get(i).decision()) {
        case SWAPPED -> replace(held, Dfp16Layers.swap(inner, policy.precision()));
        case ACCELERATED -> replace(held, Fp32Layers.swap(inner));
        case RESTORED -> replace(held, ((SwappedLayer) inner).toStock());
        case KEPT -> LayerFields.unshare(inner);
      }
    }
    LOG.info("{}", report.summary());
  }

  private static void replace(Held held, Layer inner) {
    held.holder().setLayer(Wrappers.replace(held.holder().getLayer(), inner));
  }

  private LayerDecision decide(Held held, DataType dataType) {
    Layer layer = held.site().layer();
    Decision stay = layer instanceof SwappedLayer ? Decision.RESTORED : Decision.KEPT;
    Decision decision = stay;
    String reason;
    if (Dfp16Layers.supports(layer)) {
      Optional<String> keep =
          dataType == DataType.FLOAT
              ? policy.reasonToKeep(held.site())
              : Optional.of("data type " + dataType + "; DFP-16 reads FLOAT");
      decision = keep.isPresent() ? stay : Decision.SWAPPED;
      reason = keep.orElseGet(() -> products(policy.precision()));
    } else if (policy.fp32Kernels() && dataType == DataType.FLOAT && Fp32Layers.supports(layer)) {
      decision = Decision.ACCELERATED;
      reason = OWN_KERNELS;
    } else {
      reason = Reasons.of(layer);
    }
    Layer outermost = held.holder().getLayer();
    return new LayerDecision(
        held.site().name(),
        Wrappers.typeOf(outermost),
        decision,
        reason,
        outermost.initializer().numParams(outermost));
  }

  /** Which products of a layer run in DFP-16. */
  static String products(LayerPrecision precision) {
    List<String> on = new ArrayList<>();
    if (precision.forward()) {
      on.add("forward");
    }
    if (precision.backwardData()) {
      on.add("backward data");
    }
    if (precision.backwardWeights()) {
      on.add("backward weights");
    }
    int headroom = precision.headroom();
    return String.join(", ", on)
        + (headroom == 0 ? "" : "; " + (15 - headroom) + " magnitude bits");
  }
}
