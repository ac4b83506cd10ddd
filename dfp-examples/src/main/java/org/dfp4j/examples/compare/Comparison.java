package org.dfp4j.examples.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.data.Batches;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.models.OffHeap;
import org.dfp4j.examples.train.Accuracy;
import org.dfp4j.examples.train.Watch;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.TrainingPoint;
import org.nd4j.linalg.dataset.DataSet;

/**
 * Two networks with the same initial weights that see the same batches, in turns.
 *
 * <p>Iteration i of one is followed by iteration i of the other; who goes first alternates, so that
 * neither always finds the caches warm. Dropout draws the same numbers in both.
 */
public final class Comparison {

  private static final double NANOS = 1e9;

  private final RunSettings settings;
  private final ImageData data;
  private final Lane fp32;
  private final Lane dfp16;

  /** One of the two networks with what it has gone through. */
  private static final class Lane {
    final Network network;
    Watch watch = Watch.NOBODY;
    final List<Double> scores = new ArrayList<>();
    final List<Double> seconds = new ArrayList<>();
    Double accuracy;

    Lane(Network network) {
      this.network = network;
    }

    void fit(DataSet batch, long seed) {
      long start = System.nanoTime();
      scores.add(network.fit(batch, seed));
      seconds.add((System.nanoTime() - start) / NANOS);
      int last = scores.size() - 1;
      watch.iteration(
          new TrainingPoint(last, scores.get(last), seconds.get(last), batch.numExamples()));
    }

    RunResult result() {
      return new RunResult(scores, accuracy, seconds);
    }

    String latest() {
      return String.format(Locale.ROOT, "%.3f", scores.get(scores.size() - 1));
    }
  }

  /** Two networks with the same weights. */
  public Comparison(RunSettings settings, ImageData data, Network fp32, Network dfp16) {
    if (!fp32.parameters().equalsWithEps(dfp16.parameters(), 0)) {
      throw new IllegalArgumentException(
          "dfp16: expected the initial weights of the FP32 network, got others");
    }
    this.settings = settings;
    this.data = data;
    this.fp32 = new Lane(fp32);
    this.dfp16 = new Lane(dfp16);
  }

  /** Has both networks watched; before, nobody does. */
  public void watch(Watch ofFp32, Watch ofDfp16) {
    fp32.watch = ofFp32;
    dfp16.watch = ofDfp16;
  }

  /**
   * Trains both networks.
   *
   * @param iterations at most so many
   * @param stop true ends the training after the running iteration; the first one always runs
   */
  public void train(int iterations, BooleanSupplier stop, Progress progress) {
    try (Batches batches = new Batches(data, settings.batch(), settings.seed(), 0)) {
      for (int i = 0; i < iterations && (i == 0 || !stop.getAsBoolean()); i++) {
        DataSet batch = batches.next();
        Lane first = i % 2 == 0 ? fp32 : dfp16;
        Lane second = i % 2 == 0 ? dfp16 : fp32;
        first.fit(batch.copy(), settings.seedOf(i));
        second.fit(batch, settings.seedOf(i));
        OffHeap.tidy(i);
        progress.step("FP32 " + fp32.latest() + ", DFP-16 " + dfp16.latest());
      }
    }
  }

  /** Measures both networks' accuracy on at most so many held-out images. */
  public void evaluate(int images) {
    for (Lane lane : List.of(fp32, dfp16)) {
      double accuracy = Accuracy.of(lane.network, settings, data, images);
      lane.accuracy = Double.isNaN(accuracy) ? null : accuracy;
      if (lane.accuracy != null) {
        lane.watch.heldOut(new HeldOut(lane.scores.size(), accuracy, images));
      }
    }
  }

  /** What the FP32 network gave so far. */
  public RunResult fp32() {
    return fp32.result();
  }

  /** What the DFP-16 network gave so far. */
  public RunResult dfp16() {
    return dfp16.result();
  }
}
