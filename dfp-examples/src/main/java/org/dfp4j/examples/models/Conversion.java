package org.dfp4j.examples.models;

import java.util.Locale;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.examples.UsageException;
import org.dfp4j.layers.ConversionReport;
import org.dfp4j.layers.MixedPrecision;

/** Converts networks between FP32 and a named kind of DFP-16. */
public enum Conversion {
  /** Everything with all 15 magnitude bits. */
  DFP16(MixedPrecision.dfp16()),
  /** The paper's recipe. */
  PAPER(MixedPrecision.paper());

  private final MixedPrecision recipe;

  Conversion(MixedPrecision recipe) {
    this.recipe = recipe;
  }

  /** The conversion that an option names; case does not matter. */
  public static Conversion byName(String name) {
    for (Conversion conversion : values()) {
      if (conversion.name().equalsIgnoreCase(name)) {
        return conversion;
      }
    }
    throw new UsageException("--policy", "dfp16 or paper", name);
  }

  /** The name in options and files. */
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The configuration with DFP-16 layers. */
  public Architecture toDfp16(Architecture architecture) {
    return architecture instanceof Architecture.Layers layers
        ? new Architecture.Layers(recipe.convert(layers.configuration()))
        : new Architecture.Graph(
            recipe.convert(((Architecture.Graph) architecture).configuration()));
  }

  /** A DFP-16 twin with the same parameters, updater state and counts. */
  public Network toDfp16(Network network) {
    return convert(recipe, network);
  }

  /** A twin of stock DL4J layers with the same parameters, updater state and counts. */
  public static Network toFp32(Network network) {
    return convert(MixedPrecision.fp32(), network);
  }

  /** A twin in the given precision. */
  public Network convert(Network network, Precision precision) {
    return precision == Precision.DFP16 ? toDfp16(network) : toFp32(network);
  }

  /** What happens to each layer. */
  public ConversionReport plan(Architecture architecture) {
    return architecture instanceof Architecture.Layers layers
        ? recipe.plan(layers.configuration())
        : recipe.plan(((Architecture.Graph) architecture).configuration());
  }

  /** What happens to each layer. */
  public ConversionReport plan(Network network) {
    Model model = network.model();
    return model instanceof MultiLayerNetwork layers
        ? recipe.plan(layers)
        : recipe.plan((ComputationGraph) model);
  }

  private static Network convert(MixedPrecision recipe, Network network) {
    Model model = network.model();
    return new Network(
        model instanceof MultiLayerNetwork layers
            ? recipe.convert(layers)
            : recipe.convert((ComputationGraph) model));
  }
}
