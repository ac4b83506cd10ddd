package org.dfp4j.examples.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.memory.MemoryPool;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.bench.OneDnnProduct.Variant;

/**
 * Checks, then times, the passes of the layers of a network: DFP-16, and oneDNN in FP32 and, where
 * the CPU has it, in BF16.
 */
public final class ProductBench {

  private final BenchSettings settings;
  private final Map<Integer, NativeKernels> kernels = new LinkedHashMap<>();

  /** An {@link IllegalArgumentException} where this machine does not run the instruction set. */
  public ProductBench(BenchSettings settings) {
    this.settings = settings;
    for (int threads : settings.threads()) {
      kernels.put(threads, NativeKernels.forIsa(settings.isa(), threads));
    }
  }

  /** Steps of progress that {@link #run} makes. */
  public int steps(ShapeList shapes) {
    int runs = settings.batches().size() * settings.threads().size();
    return shapes.layers().size() * settings.passes().size() * (1 + runs);
  }

  /**
   * Checks and measures every shape.
   *
   * @throws IllegalStateException where a result is wrong
   */
  public List<BenchRun> run(ShapeList shapes, Progress progress) {
    Map<BenchRun.Key, List<LayerResult>> results = new LinkedHashMap<>();
    for (int threads : settings.threads()) {
      for (int batch : settings.batches()) {
        results.put(new BenchRun.Key(batch, threads), new ArrayList<>());
      }
    }
    try (OneDnn library = OneDnn.open(settings.isa())) {
      Set<Variant> variants = variants(library);
      for (Layer layer : shapes.layers()) {
        check(layer, progress);
        for (int batch : settings.batches()) {
          measure(layer, batch, library, variants, progress)
              .forEach(
                  (threads, result) -> results.get(new BenchRun.Key(batch, threads)).add(result));
        }
      }
    }
    List<BenchRun> runs = new ArrayList<>();
    results.forEach((key, layers) -> runs.add(BenchRun.of(key, layers)));
    return runs;
  }

  private Set<Variant> variants(OneDnn library) {
    Set<Variant> variants = EnumSet.noneOf(Variant.class);
    if (settings.implementations().contains(Implementation.FP32)) {
      variants.add(Variant.FP32);
      if (settings.kind() == LayerKind.FULLY_CONNECTED) {
        variants.add(Variant.FP32_PLAIN);
      }
    }
    if (settings.implementations().contains(Implementation.BF16) && library.hasBf16()) {
      variants.add(Variant.BF16);
    }
    return variants;
  }

  private void check(Layer layer, Progress progress) {
    NativeKernels checked = kernels.values().iterator().next();
    try (Operands operands =
        Operands.random(layer.shape(settings.checkBatch()), settings.inputs(), settings.seed())) {
      for (Direction direction : settings.passes()) {
        Check.againstJava(layer.name(), checked, direction, operands);
        progress.step("check " + layer.name() + " " + direction.label());
      }
    }
  }

  /** The results by threads. */
  private Map<Integer, LayerResult> measure(
      Layer layer, int batch, OneDnn library, Set<Variant> variants, Progress progress) {
    Map<Integer, Map<Direction, Measurement>> passes = new LinkedHashMap<>();
    try (Operands operands =
        Operands.random(layer.shape(batch), settings.inputs(), settings.seed())) {
      for (Direction direction : settings.passes()) {
        for (int threads : settings.threads()) {
          Measurement times =
              measure(layer, batch, direction, operands, threads, library, variants);
          passes
              .computeIfAbsent(threads, key -> new EnumMap<>(Direction.class))
              .put(direction, times);
          progress.step(layer.name() + " " + direction.label());
        }
      }
    }
    Map<Integer, LayerResult> results = new LinkedHashMap<>();
    double gmac = layer.macs(batch) / 1e9;
    passes.forEach(
        (threads, times) ->
            results.put(
                threads,
                new LayerResult(
                    layer.name(), layer.count(), layer.orderedDimensions(), gmac, times)));
    return results;
  }

  private Measurement measure(
      Layer layer,
      int batch,
      Direction direction,
      Operands operands,
      int threads,
      OneDnn library,
      Set<Variant> variants) {
    library.useThreads(threads);
    double products = layer.macs(batch) / operands.of(direction.outputLike()).length();
    try (PassBench bench =
        new PassBench(
            direction, operands, kernels.get(threads), library, variants, settings.repetitions())) {
      return bench.run(layer.name(), products);
    }
  }

  /** The machine's load average over a minute; negative where unknown. */
  public static double load() {
    return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
  }

  /** The results with what they were measured on. */
  public BenchReport report(ShapeList shapes, String cpu, double loadAtStart, List<BenchRun> runs) {
    Map<String, String> versions = new TreeMap<>(Versions.all());
    versions.put("onednn", OneDnn.version());
    return new BenchReport(
        cpu,
        settings.isa(),
        OneDnn.isa(),
        loadAtStart,
        load(),
        versions,
        shapes.name(),
        settings,
        runs,
        MemoryPool.shared().statistics(),
        SeriesRow.of(runs));
  }
}
