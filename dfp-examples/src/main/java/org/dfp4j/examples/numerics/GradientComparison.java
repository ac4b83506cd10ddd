package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.List;
import org.deeplearning4j.nn.api.Layer;
import org.dfp4j.examples.models.Network;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Compares networks with an FP64 network on one batch. */
final class GradientComparison {

  private final Network exactNetwork;
  private final Backpropagation exact;

  /**
   * Runs the batch in FP64.
   *
   * @param exactNetwork in FP64; must not be used until the comparison is done
   */
  GradientComparison(Network exactNetwork, DataSet batch) {
    this.exactNetwork = exactNetwork;
    this.exact = Backpropagation.of(exactNetwork, batch);
  }

  double score() {
    return exact.score();
  }

  /** Runs a batch in another network of the same layers. */
  GradientResult compare(String name, Network network, DataSet batch) {
    Backpropagation other = Backpropagation.of(network, batch);
    List<LayerGradient> results = new ArrayList<>();
    Sums whole = new Sums();
    Flips allFlips = new Flips();
    Layer[] layers = Backpropagation.layers(exactNetwork);
    for (int i = 0; i < layers.length; i++) {
      String layer = Backpropagation.name(layers[i], i);
      Sums activations = new Sums();
      Flips flips = new Flips();
      double[] output = values(exact.activations().get(layer));
      double[] otherOutput = values(other.activations().get(layer));
      activations.add(output, otherOutput);
      if (Smoothing.rectifies(layers[i])) {
        flips.add(output, otherOutput);
      }
      List<INDArray> parameters = exact.gradients().getOrDefault(layer, List.of());
      Sums gradients = new Sums();
      for (int p = 0; p < parameters.size(); p++) {
        gradients.add(values(parameters.get(p)), values(other.gradients().get(layer).get(p)));
      }
      whole.add(gradients);
      allFlips.add(flips);
      if (!parameters.isEmpty() || flips.values > 0) {
        results.add(
            new LayerGradient(
                layer,
                layers[i].conf().getLayer().getClass().getSimpleName(),
                parameters.stream().mapToLong(INDArray::length).sum(),
                gradients.cosine(),
                gradients.relativeError(),
                activations.relativeError(),
                flips.share()));
      }
    }
    return new GradientResult(
        name, other.score(), whole.cosine(), whole.relativeError(), allFlips.share(), results);
  }

  private static double[] values(INDArray x) {
    return x.dup('c').data().asDouble();
  }

  /** Counts values that are positive in one of two arrays only. */
  private static final class Flips {
    private long values;
    private long flipped;

    void add(double[] exact, double[] others) {
      values += exact.length;
      for (int i = 0; i < exact.length; i++) {
        flipped += (exact[i] > 0) == (others[i] > 0) ? 0 : 1;
      }
    }

    void add(Flips other) {
      values += other.values;
      flipped += other.flipped;
    }

    /** NaN without values. */
    double share() {
      return (double) flipped / values;
    }
  }
}
