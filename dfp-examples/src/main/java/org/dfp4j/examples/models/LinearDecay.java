package org.dfp4j.examples.models;

import java.util.stream.Stream;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.schedule.ISchedule;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * A learning rate that falls on a straight line: {@code rate · (1 − iteration / iterations)}, and 0
 * from then on.
 *
 * <p>DL4J M2.1 has no schedule that falls so: its {@code PolySchedule} computes {@code (1 +
 * iteration / iterations)^power} and rises.
 *
 * @param rate of iteration 0
 * @param iterations after which it is 0
 */
public record LinearDecay(
    @JsonProperty("rate") double rate, @JsonProperty("iterations") int iterations)
    implements ISchedule {

  private static final long serialVersionUID = 1L;

  /** Checks that both are positive. */
  public LinearDecay {
    if (!(rate > 0) || iterations < 1) {
      throw new IllegalArgumentException(
          "rate, iterations: expected > 0, got " + rate + ", " + iterations);
    }
  }

  @Override
  public double valueAt(int iteration, int epoch) {
    return iteration >= iterations ? 0 : rate * (iterations - iteration) / iterations;
  }

  // Immutable, so one object may stand for its copies.
  @Override
  @SuppressWarnings("MethodDoesntCallSuperMethod")
  public LinearDecay clone() {
    return this;
  }

  /**
   * Lets every learning rate of a configuration, those of biases included, fall to 0.
   *
   * @param architecture is modified
   * @param iterations of the whole training
   */
  public static void apply(Architecture architecture, int iterations) {
    architecture
        .layers()
        .filter(BaseLayer.class::isInstance)
        .map(BaseLayer.class::cast)
        .flatMap(layer -> Stream.of(layer.getIUpdater(), layer.getBiasUpdater()))
        .filter(updater -> updater != null && updater.hasLearningRate())
        .forEach(updater -> decay(updater, iterations));
  }

  private static void decay(IUpdater updater, int iterations) {
    double rate = updater.getLearningRate(0, 0);
    updater.setLrAndSchedule(rate, new LinearDecay(rate, iterations));
  }
}
