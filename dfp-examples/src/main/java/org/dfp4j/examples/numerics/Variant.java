package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.layers.MixedPrecision;
import org.dfp4j.layers.PrecisionPolicy;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * A kind of arithmetic for a whole network.
 *
 * @param name of a column or row
 * @param twin makes a network of it from an FP32 network, which stays as it is
 */
record Variant(String name, UnaryOperator<Network> twin) {

  /** What the others are compared with. */
  static final Variant FP64 = new Variant("FP64", Variant::toFp64);

  private static final Variant FP32 = new Variant("FP32", Conversion::toFp32);

  /** Batch normalization, pooling and the like sum in FP64, where DL4J sums in FP32. */
  private static final Variant FP32_OWN_KERNELS =
      by(
          "FP32, own kernels",
          PrecisionPolicy.builder().forward(false).backwardData(false).backwardWeights(false));

  private static final Variant BF16 = new Variant("BF16", Variant::toBf16);

  /**
   * What is compared.
   *
   * @param policy of DFP-16
   * @param byProduct whether to add networks that compute one of the products in DFP-16
   */
  static List<Variant> all(Conversion policy, boolean byProduct) {
    List<Variant> all = new ArrayList<>();
    all.add(FP32);
    all.add(new Variant(policy == Conversion.DFP16 ? "DFP-16" : policy.name(), policy::toDfp16));
    all.add(BF16);
    all.add(FP32_OWN_KERNELS);
    if (byProduct) {
      for (Product product : Product.values()) {
        all.add(only(product));
      }
    }
    return all;
  }

  private static Variant only(Product product) {
    return by(
        "DFP-16 " + product.title() + " only",
        PrecisionPolicy.builder()
            .forward(product == Product.FORWARD)
            .backwardData(product == Product.BACKWARD_DATA)
            .backwardWeights(product == Product.BACKWARD_WEIGHTS));
  }

  private static Variant by(String name, PrecisionPolicy.Builder policy) {
    MixedPrecision recipe = MixedPrecision.of(policy.build());
    return new Variant(
        name,
        network ->
            new Network(
                network.model() instanceof MultiLayerNetwork layers
                    ? recipe.convert(layers)
                    : recipe.convert((ComputationGraph) network.model())));
  }

  private static Network toFp64(Network network) {
    return new Network(
        network.model() instanceof MultiLayerNetwork layers
            ? layers.convertDataType(DataType.DOUBLE)
            : ((ComputationGraph) network.model()).convertDataType(DataType.DOUBLE));
  }

  private static Network toBf16(Network network) {
    Network twin = Conversion.toFp32(network);
    Bf16Twin.convert(Arrays.asList(Backpropagation.layers(twin)));
    return twin;
  }
}
