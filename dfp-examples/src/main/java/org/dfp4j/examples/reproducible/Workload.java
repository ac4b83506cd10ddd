package org.dfp4j.examples.reproducible;

import java.util.List;
import org.deeplearning4j.nn.conf.GradientNormalization;
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
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.conf.SwappedLayer;

/**
 * A training run whose bits are compared: everything that may change them.
 *
 * @param model name in the zoo, or {@value #BUILT_IN}
 * @param size height and width of the images
 * @param batch images an iteration
 * @param iterations of training
 * @param seed of the initial weights, the images and dropout
 * @param policy which layers run in DFP-16, and how; {@value #FP32} for none
 */
public record Workload(
    String model, int size, int batch, int iterations, long seed, String policy) {

  /** The name of {@link BuiltInNetwork}. */
  public static final String BUILT_IN = "built-in";

  /** The policy of stock DL4J, without any layer of this project. */
  public static final String FP32 = "fp32";

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
    policy = policy.equalsIgnoreCase(FP32) ? FP32 : Conversion.byName(policy).key();
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

  private Architecture architecture() {
    return policy.equals(FP32) ? fp32() : Conversion.byName(policy).toDfp16(fp32());
  }

  /** A new network. */
  Network network() {
    return architecture().initialize();
  }

  /** What happens to each layer. */
  public ConversionReport plan() {
    if (!policy.equals(FP32)) {
      return Conversion.byName(policy).plan(fp32());
    }
    return fp32() instanceof Architecture.Layers chain
        ? MixedPrecision.fp32().plan(chain.configuration())
        : MixedPrecision.fp32().plan(((Architecture.Graph) fp32()).configuration());
  }

  /** Names of the layers whose gradients DL4J scales by an L2 norm that it sums in FP32. */
  List<String> fp32Norms() {
    return architecture()
        .layers()
        .filter(layer -> layer instanceof BaseLayer base && hasFp32Norm(base))
        .map(Layer::getLayerName)
        .toList();
  }

  /** Layers of this project sum the norm of a layer's gradients, not those of one parameter. */
  private static boolean hasFp32Norm(BaseLayer layer) {
    GradientNormalization normalization = layer.getGradientNormalization();
    return normalization == GradientNormalization.RenormalizeL2PerParamType
        || normalization == GradientNormalization.ClipL2PerParamType
        || (!(layer instanceof SwappedLayer)
            && (normalization == GradientNormalization.RenormalizeL2PerLayer
                || normalization == GradientNormalization.ClipL2PerLayer));
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
    return "%s, %s, batch %d, policy %s, seed %d: %d iterations"
        .formatted(name, pixels, batch, policy, seed, iterations);
  }
}
