package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.presets.DfpNative;
import org.dfp4j.examples.Progress;
import org.dfp4j.examples.Versions;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Checks, then times, the three passes of the convolutions of a network: DFP-16, oneDNN FP32 and,
 * where the CPU has it, oneDNN BF16, one after the other in each repetition, in turns as to which
 * comes first.
 */
public final class ConvBench {

  /** Repetitions that are run and not counted. */
  static final int WARM_UP = 2;

  private static final double NANOS_PER_MILLI = 1e6;

  private final Settings settings;
  private final NativeKernels kernels;
  private final int row;

  /**
   * What to measure.
   *
   * @param batch images
   * @param threads of each implementation
   * @param isa row of the native kernel table
   * @param repetitions that are counted
   * @param checkedImages batch size of the check against the Java kernels
   * @param seed of the random inputs
   */
  public record Settings(
      int batch, int threads, String isa, int repetitions, int checkedImages, long seed) {}

  /** An {@link IllegalArgumentException} where this machine does not run the instruction set. */
  public ConvBench(Settings settings) {
    this.settings = settings;
    this.kernels = NativeKernels.forIsa(settings.isa(), settings.threads());
    this.row =
        IntStream.range(0, DfpNative.dfp_isa_count())
            .filter(i -> DfpNative.dfp_isa_name(i).equals(settings.isa()))
            .findFirst()
            .orElseThrow();
  }

  /** Steps of progress that {@link #run} makes. */
  public static int steps(ShapeList shapes) {
    return shapes.layers().size() * Direction.values().length;
  }

  /** Checks and measures every shape; an {@link IllegalStateException} where a result is wrong. */
  public List<LayerResult> run(ShapeList shapes, Progress progress) {
    List<LayerResult> results = new ArrayList<>();
    try (OneDnn library = OneDnn.open(settings.isa())) {
      for (Layer layer : shapes.layers()) {
        Check.againstJava(
            layer.name(), kernels, layer.shape(settings.checkedImages()), settings.seed());
        results.add(measure(layer, library, progress));
      }
    }
    return results;
  }

  /** The results with what they were measured on. */
  public ConvReport report(ShapeList shapes, String cpu, double load, List<LayerResult> layers) {
    Map<String, String> versions = new TreeMap<>(Versions.all());
    versions.put("onednn", OneDnn.version());
    return new ConvReport(
        cpu,
        settings.isa(),
        OneDnn.isa(),
        settings.threads(),
        load,
        versions,
        shapes.name(),
        settings,
        layers,
        Summary.of(layers));
  }

  private LayerResult measure(Layer layer, OneDnn library, Progress progress) {
    ConvShape shape = layer.shape(settings.batch());
    Map<Direction, Measurement> passes = new EnumMap<>(Direction.class);
    try (Operands operands = Operands.random(shape, settings.seed())) {
      for (Direction direction : Direction.values()) {
        passes.put(direction, measure(layer.name(), direction, operands, library));
        progress.step(layer.name() + " " + direction.label());
      }
    }
    return new LayerResult(
        layer.name(),
        layer.count(),
        layer.orderedDimensions(),
        layer.macs(settings.batch()) / 1e9,
        passes);
  }

  private Measurement measure(String name, Direction direction, Operands operands, OneDnn library) {
    boolean hasBf16 = OneDnn.hasBf16();
    try (INDArray dfpOut = operands.output(direction);
        INDArray fp32Out = operands.output(direction);
        INDArray bf16Out = operands.output(direction);
        OneDnnConvolution fp32 = OneDnnConvolution.fp32(library, direction, operands, fp32Out);
        OneDnnConvolution bf16 =
            hasBf16 ? OneDnnConvolution.bf16(library, direction, operands, bf16Out) : null) {
      DfpConvolution dfp = new DfpConvolution(kernels, direction, operands, dfpOut);
      Samples samples = new Samples(settings.repetitions());
      List<Runnable> turns = new ArrayList<>();
      turns.add(() -> samples.add(dfp.run()));
      turns.add(() -> samples.scan.add(dfp.scan(row, settings.threads())));
      turns.add(() -> samples.add(fp32.run(), samples.fp32Kernel, samples.fp32Total));
      if (hasBf16) {
        turns.add(() -> samples.add(bf16.run(), samples.bf16Kernel, samples.bf16Total));
      }
      turns.forEach(Runnable::run);
      Check.close(name, direction, dfpOut, fp32Out, Check.FP32_TOLERANCE);
      if (hasBf16) {
        Check.close(name, direction, dfpOut, bf16Out, Check.BF16_TOLERANCE);
      }
      for (int i = 1; i < WARM_UP + settings.repetitions(); i++) {
        Collections.rotate(turns, 1);
        turns.forEach(Runnable::run);
      }
      return samples.medians(fp32.implementation(), hasBf16 ? bf16.implementation() : null);
    }
  }

  /** Times of one kind; the warm-up is dropped. */
  private static final class Times {

    private final long[] nanos;
    private int count;

    Times(int repetitions) {
      nanos = new long[repetitions];
    }

    void add(long time) {
      if (count >= WARM_UP) {
        nanos[count - WARM_UP] = time;
      }
      count++;
    }

    double medianMillis() {
      long[] sorted = nanos.clone();
      Arrays.sort(sorted);
      int middle = sorted.length / 2;
      double median =
          sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2.0;
      return median / NANOS_PER_MILLI;
    }
  }

  /** All times of one pass of one shape. */
  private static final class Samples {

    private final Times scan;
    private final Times pack;
    private final Times weightPack;
    private final Times kernel;
    private final Times total;
    private final Times fp32Kernel;
    private final Times fp32Total;
    private final Times bf16Kernel;
    private final Times bf16Total;

    Samples(int repetitions) {
      scan = new Times(repetitions);
      pack = new Times(repetitions);
      weightPack = new Times(repetitions);
      kernel = new Times(repetitions);
      total = new Times(repetitions);
      fp32Kernel = new Times(repetitions);
      fp32Total = new Times(repetitions);
      bf16Kernel = new Times(repetitions);
      bf16Total = new Times(repetitions);
    }

    void add(DfpConvolution.Times times) {
      pack.add(times.pack());
      weightPack.add(times.weightPack());
      kernel.add(times.kernel());
      total.add(times.total());
    }

    void add(OneDnnConvolution.Times times, Times kernels, Times totals) {
      kernels.add(times.kernel());
      totals.add(times.total());
    }

    Measurement medians(String fp32, String bf16) {
      double amax = Math.min(scan.medianMillis(), pack.medianMillis());
      return new Measurement(
          new Measurement.Dfp(
              amax,
              pack.medianMillis() - amax,
              weightPack.medianMillis(),
              kernel.medianMillis(),
              total.medianMillis()),
          new Measurement.OneDnnTimes(fp32Kernel.medianMillis(), fp32Total.medianMillis(), fp32),
          bf16 == null
              ? null
              : new Measurement.OneDnnTimes(
                  bf16Kernel.medianMillis(), bf16Total.medianMillis(), bf16));
    }
  }
}
