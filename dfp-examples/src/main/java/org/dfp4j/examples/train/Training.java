package org.dfp4j.examples.train;

import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.data.Batches;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.OffHeap;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.TrainingPoint;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Trains one network.
 *
 * <p>Iteration i is a function of the settings, i and the network's state before it, so a run that
 * was saved and goes on gives the same bits as one that was never stopped.
 *
 * @param settings what decides the run
 * @param data to train and test on
 * @param network to train; its iteration count says where to go on
 * @param watch hears how it goes
 */
public record Training(RunSettings settings, ImageData data, Network network, Watch watch) {

  private static final double NANOS = 1e9;

  /** A training that nobody watches. */
  public Training(RunSettings settings, ImageData data, Network network) {
    this(settings, data, network, Watch.NOBODY);
  }

  /**
   * Trains up to an iteration.
   *
   * @param iterations the count to reach
   * @param stop true ends the training after the running iteration
   * @return the score of the last batch; NaN where none was run
   */
  public double run(int iterations, BooleanSupplier stop, Progress progress) {
    double score = Double.NaN;
    int start = network.iteration();
    try (Batches batches = new Batches(data, settings.batch(), settings.seed(), start)) {
      for (int i = start; i < iterations && !stop.getAsBoolean(); i++) {
        DataSet batch = batches.next();
        long begin = System.nanoTime();
        score = network.fit(batch, settings.seedOf(i));
        double seconds = (System.nanoTime() - begin) / NANOS;
        watch.iteration(new TrainingPoint(i, score, seconds, batch.numExamples()));
        if ((i + 1) % batches.perEpoch() == 0) {
          network.nextEpoch();
        }
        OffHeap.tidy(i);
        progress.step(String.format(Locale.ROOT, "score %.3f", score));
      }
    }
    return score;
  }

  /** Accuracy on at most so many held-out images, 0 to 1; NaN where the network gives a NaN. */
  public double accuracy(int images) {
    double accuracy = Accuracy.of(network, settings, data, images);
    watch.heldOut(new HeldOut(network.iteration(), accuracy, images));
    return accuracy;
  }
}
