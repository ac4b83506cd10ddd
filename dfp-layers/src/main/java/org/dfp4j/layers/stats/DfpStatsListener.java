package org.dfp4j.layers.stats;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.dfp4j.layers.ConversionReport;
import org.dfp4j.layers.RunningPrecision;

/**
 * Reports the score and the time of each iteration of one network, and of few iterations the
 * numerics of its layers: exponents, samples of what quantization did, times of the products, and
 * sketches of the gradients and updates.
 *
 * <p>Of each {@code frequency} iterations the first {@code window} ones are sampled; in all others
 * the layers do nothing that they would not do without the listener. A sampled step of ResNet-50
 * takes 1.10 times as long, 1.0 % at the default frequency (batch 8, 96×96, 2 threads, AVX-512
 * VNNI, {@code dfp bench step --size 96 --implementations dfp16,dfp16-stats}).
 *
 * <p>It watches the network that it is attached to, else the first one that calls it, and ignores
 * all others. Several threads may call it: where {@code ParallelWrapper} shares it among replicas,
 * the reports are those of one replica. Calls for a single layer, as in {@code pretrain}, are
 * ignored too.
 */
public final class DfpStatsListener extends BaseTrainingListener implements AutoCloseable {

  private static final long FLUSH_NANOS = 1_000_000_000L;
  private static final int FLUSH_POINTS = 256;
  private static final double NANOS = 1e9;

  private final StatsSink sink;
  private final int frequency;
  private final int window;
  private final Predicate<String> filter;
  private final boolean ownPoints;
  private final ConversionReport plan;

  private final List<TrainingPoint> points = new ArrayList<>();
  private WatchedLayers layers;
  private Model watched;
  private List<Sketch> gradients;
  private long lastDone;
  private long lastFlush;

  private DfpStatsListener(Builder builder) {
    this.sink = builder.sink;
    this.frequency = builder.frequency;
    this.window = builder.window;
    this.filter = builder.filter;
    this.ownPoints = builder.ownPoints;
    this.plan = builder.plan;
  }

  /** Settings of a listener. */
  public static final class Builder {

    private final StatsSink sink;
    private int frequency = 10;
    private int window = 1;
    private Predicate<String> filter = name -> true;
    private boolean ownPoints = true;
    private ConversionReport plan;

    private Builder(StatsSink sink) {
      this.sink = Objects.requireNonNull(sink, "sink: expected one, got null");
    }

    /** Numerics are reported once in so many iterations; default 10. */
    public Builder frequency(int iterations) {
      frequency = atLeastOne("frequency", iterations);
      return this;
    }

    /** How many iterations after one another are reported each time; default 1. */
    public Builder window(int iterations) {
      window = atLeastOne("window", iterations);
      return this;
    }

    /** Which layers are watched, by name; default all that have a DFP-16 form. */
    public Builder layers(Predicate<String> names) {
      filter = Objects.requireNonNull(names, "names: expected a predicate, got null");
      return this;
    }

    /** Why layers run as they do, in place of what the network alone tells. */
    public Builder plan(ConversionReport report) {
      plan = Objects.requireNonNull(report, "report: expected one, got null");
      return this;
    }

    /**
     * The caller reports each iteration by {@link DfpStatsListener#iteration}, because it measures
     * the time better than the listener: from the end of an iteration to the end of the next.
     */
    public Builder pointsFromCaller() {
      ownPoints = false;
      return this;
    }

    /** A listener for a network's {@code setListeners} or {@code addListeners}. */
    public DfpStatsListener build() {
      return new DfpStatsListener(this);
    }

    /** Adds a listener to those of a network, and has its next iteration sampled. */
    public DfpStatsListener attach(Model network) {
      DfpStatsListener listener = build();
      listener.start(network);
      network.addListeners(listener);
      return listener;
    }

    private static int atLeastOne(String argument, int value) {
      if (value < 1) {
        throw new IllegalArgumentException(argument + ": expected >= 1, got " + value);
      }
      return value;
    }
  }

  /** A listener that writes to a sink, and closes it when it is closed. */
  public static Builder to(StatsSink sink) {
    return new Builder(sink);
  }

  private boolean isReported(int iteration) {
    return iteration % frequency < window;
  }

  private synchronized void start(Model model) {
    watch(model);
    lastDone = System.nanoTime();
  }

  /** Whether the model is the one that is watched; the first network becomes it. */
  private boolean watches(Model model) {
    if (watched == null
        && (model instanceof MultiLayerNetwork || model instanceof ComputationGraph)) {
      watch(model);
    }
    return model != null && watched == model;
  }

  private void watch(Model model) {
    layers = new WatchedLayers(model, filter);
    watched = model;
    ConversionReport report = plan == null ? RunningPrecision.of(model) : plan;
    boolean graph = model instanceof ComputationGraph;
    sink.start(
        new RunInfo(
            model.getClass().getSimpleName(),
            layers.anyDfp16() ? RunInfo.DFP16 : RunInfo.FP32,
            graph
                ? ((ComputationGraph) model).getNumLayers()
                : ((MultiLayerNetwork) model).getnLayers(),
            model.numParams(),
            frequency,
            report));
    int next = iterationOf(model);
    if (isReported(next)) {
      layers.sampleAt(next);
    }
  }

  private static int iterationOf(Model model) {
    return model instanceof MultiLayerNetwork network
        ? network.getIterationCount()
        : ((ComputationGraph) model).getIterationCount();
  }

  @Override
  public synchronized void onEpochStart(Model model) {
    watches(model);
  }

  @Override
  public synchronized void onGradientCalculation(Model model) {
    if (!watches(model)) {
      return;
    }
    gradients = isReported(iterationOf(model)) ? layers.sketch(model.gradient()) : null;
  }

  @Override
  public synchronized void iterationDone(Model model, int iteration, int epoch) {
    if (!watches(model)) {
      return;
    }
    long now = System.nanoTime();
    if (ownPoints) {
      double seconds = lastDone == 0 ? Double.NaN : (now - lastDone) / NANOS;
      points.add(new TrainingPoint(iteration, model.score(), seconds, model.batchSize()));
    }
    lastDone = now;
    IterationNumerics numerics = null;
    if (isReported(iteration)) {
      // The updater works in place: what was the gradient is the update now.
      numerics = layers.numerics(iteration, gradients, layers.sketch(model.gradient()));
      gradients = null;
    }
    if (isReported(iteration + 1)) {
      layers.sampleAt(iteration + 1);
    }
    if (numerics != null || points.size() >= FLUSH_POINTS || now - lastFlush > FLUSH_NANOS) {
      write(numerics, null);
    }
  }

  /** One iteration, of a caller that has set {@link Builder#pointsFromCaller}. */
  public synchronized void iteration(TrainingPoint point) {
    if (ownPoints) {
      throw new IllegalStateException(
          "point: expected from the listener itself, got one from the caller;"
              + " set pointsFromCaller()");
    }
    points.add(point);
  }

  /** Reports an accuracy, and what else was held back. */
  public synchronized void heldOut(HeldOut accuracy) {
    write(null, Objects.requireNonNull(accuracy, "accuracy: expected one, got null"));
  }

  /** Reports what was held back: at most a second of iterations. */
  public synchronized void flush() {
    if (!points.isEmpty()) {
      write(null, null);
    }
  }

  private void write(IterationNumerics numerics, HeldOut heldOut) {
    sink.write(new StatsRecord(points, numerics, heldOut));
    points.clear();
    lastFlush = System.nanoTime();
  }

  @Override
  public synchronized void close() {
    flush();
    sink.close();
  }
}
