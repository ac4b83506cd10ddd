package org.dfp4j.examples.reproducible;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.GradientNormalization;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.data.NoiseBatches;
import org.dfp4j.examples.models.Architecture;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.NetworkShape;
import org.dfp4j.examples.models.Task;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;
import org.dfp4j.layers.ConversionReport;

/**
 * A training run whose bits are compared: everything that may change them.
 *
 * @param model name in the zoo, or {@value #BUILT_IN}
 * @param size height and width of the images
 * @param batch images an iteration
 * @param iterations of training
 * @param seed of the initial weights, the images and dropout
 * @param policy which layers run in DFP-16, and how
 */
public record Workload(
    String model, int size, int batch, int iterations, long seed, String policy) {

  /** The name of {@link BuiltInNetwork}. */
  public static final String BUILT_IN = "built-in";

  private static final Set<GradientNormalization> NORMS =
      EnumSet.of(
          GradientNormalization.RenormalizeL2PerLayer,
          GradientNormalization.RenormalizeL2PerParamType,
          GradientNormalization.ClipL2PerLayer,
          GradientNormalization.ClipL2PerParamType);

  private static final int CLASSES = 10;
  private static final long SEEDS_APART = 1_000_003;

  /** Checks each part; a {@link UsageException} names the one that is wrong. */
  public Workload {
    if (model.equalsIgnoreCase(BUILT_IN)) {
      model = BUILT_IN;
      if (size < BuiltInNetwork.SMALLEST) {
        throw new UsageException("--size", ">= " + BuiltInNetwork.SMALLEST, size);
      }
    } else {
      ZooEntry entry = Zoo.byName(model);
      model = entry.name();
      entry.checkSize(size);
    }
    atLeastOne("--batch", batch);
    atLeastOne("--iterations", iterations);
    policy = Conversion.byName(policy).key();
  }

  private static void atLeastOne(String argument, int value) {
    if (value < 1) {
      throw new UsageException(argument, ">= 1", value);
    }
  }

  /** The size of images where the user gives none: the smallest that the model can take. */
  public static int defaultSize(String model) {
    return model.equalsIgnoreCase(BUILT_IN)
        ? BuiltInNetwork.SIZE
        : Zoo.byName(model).sizes().minimum();
  }

  private Architecture fp32() {
    if (model.equals(BUILT_IN)) {
      return new Architecture.Graph(BuiltInNetwork.configuration(size, CLASSES, seed));
    }
    ZooEntry entry = Zoo.byName(model);
    ZooEntry.Training training = entry.training();
    return entry.build(
        new NetworkShape(
            Math.max(1, entry.channels()),
            size,
            CLASSES,
            seed,
            training.updater().create(training.rate())));
  }

  /** A new network in DFP-16. */
  Network network() {
    return Conversion.byName(policy).toDfp16(fp32()).initialize();
  }

  /** What happens to each layer. */
  ConversionReport plan() {
    return Conversion.byName(policy).plan(fp32());
  }

  /** Number of layers whose gradients DL4J divides by a norm, which it sums in FP32. */
  long normalizedLayers() {
    Architecture architecture = fp32();
    Stream<Layer> layers =
        architecture instanceof Architecture.Layers chain
            ? chain.configuration().getConfs().stream().map(NeuralNetConfiguration::getLayer)
            : ((Architecture.Graph) architecture)
                .configuration().getVertices().values().stream()
                    .filter(LayerVertex.class::isInstance)
                    .map(vertex -> ((LayerVertex) vertex).getLayerConf().getLayer());
    return layers
        .filter(layer -> layer instanceof BaseLayer base && NORMS.contains(normalization(base)))
        .count();
  }

  private static GradientNormalization normalization(BaseLayer layer) {
    return Optional.ofNullable(layer.getGradientNormalization()).orElse(GradientNormalization.None);
  }

  /** What the network is trained with. */
  NoiseBatches batches(Network network) {
    boolean builtIn = model.equals(BUILT_IN);
    Task task = builtIn ? Task.CLASSIFICATION : Zoo.byName(model).task();
    int channels = builtIn ? BuiltInNetwork.CHANNELS : Zoo.byName(model).channels();
    return new NoiseBatches(task, channels, size, batch, CLASSES, seed, network);
  }

  /** Seed of the random numbers of one iteration, which starts at 1. */
  long seedOf(int iteration) {
    return seed * SEEDS_APART + iteration;
  }

  /** One line for people. */
  public String describe() {
    String name = model.equals(BUILT_IN) ? "the built-in network" : model;
    String pixels =
        model.equals(BUILT_IN) || Zoo.byName(model).task() != Task.TEXT
            ? size + "×" + size
            : size + " characters";
    return "%s, %s, batch %d, policy %s, seed %d".formatted(name, pixels, batch, policy, seed);
  }
}
