package org.dfp4j.examples.numerics;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.deeplearning4j.nn.api.Layer;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.data.Batches;
import org.dfp4j.examples.data.ImageData;
import org.dfp4j.examples.models.Conversion;
import org.dfp4j.examples.models.Network;
import org.dfp4j.examples.train.Training;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Compares the gradients of whole networks with those of their FP64 twins: same parameters, same
 * batch, batch normalization by the batch. The network is trained in FP32 before; dropout is left
 * out where gradients are compared.
 */
public final class Gradients {

  private final GradientSettings settings;

  /** A measurement that has not begun. */
  public Gradients(GradientSettings settings) {
    this.settings = settings;
  }

  /** Steps of progress that {@link #run} makes. */
  public int steps() {
    int variants = variants().size() + 1;
    int training = settings.iterations().get(settings.iterations().size() - 1);
    return settings.runs().size() * (training + settings.iterations().size() * variants);
  }

  private List<Variant> variants() {
    return Variant.all(settings.policy(), settings.byProduct());
  }

  /**
   * Trains and compares.
   *
   * @param finished hears of each run when it is done
   */
  public GradientReport run(Progress progress, Consumer<GradientRun> finished) {
    List<GradientRun> runs = new ArrayList<>();
    for (RunSettings run : settings.runs()) {
      ImageData data = run.open();
      Network network = run.newNetwork(data.labels().size());
      for (int iteration : settings.iterations()) {
        new Training(run, data, network).run(iteration, () -> false, progress);
        GradientRun compared = compare(run, network, data, iteration, progress);
        finished.accept(compared);
        runs.add(compared);
      }
      network.close();
    }
    return new GradientReport(Versions.all(), Machine.kernels().used(), settings.smooth(), runs);
  }

  private GradientRun compare(
      RunSettings run, Network trained, ImageData data, int iteration, Progress progress) {
    DataSet batch;
    DataSet nextBatch;
    try (Batches batches = new Batches(data, run.batch(), run.seed(), iteration)) {
      batch = batches.next();
      nextBatch = batches.next();
    }
    Network network = Conversion.toFp32(trained);
    List<Layer> layers = List.of(Backpropagation.layers(network));
    layers.forEach(layer -> layer.conf().getLayer().setIDropout(null));
    if (settings.smooth()) {
      Smoothing.smooth(layers);
    }
    Network exact = Variant.FP64.twin().apply(network);
    GradientComparison comparison = new GradientComparison(exact, batch);
    List<GradientResult> results = new ArrayList<>();
    for (Variant variant : variants()) {
      Network twin = variant.twin().apply(network);
      results.add(comparison.compare(variant.name(), twin, batch));
      tidy(twin);
      progress.step(run.model() + " " + variant.name());
    }
    Network another = Variant.FP64.twin().apply(network);
    results.add(comparison.compare("FP64, next batch", another, nextBatch));
    tidy(another);
    progress.step(run.model() + " next batch");
    tidy(network);
    tidy(exact);
    return new GradientRun(
        run.model(), run.describe(), data.description(), iteration, comparison.score(), results);
  }

  private static void tidy(Network network) {
    network.close();
    Nd4j.getMemoryManager().invokeGc();
  }
}
