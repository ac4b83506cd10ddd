package org.dfp4j.examples.bench;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.NativeKernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.examples.bench.OneDnnProduct.Variant;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * One pass of one shape by all implementations. In each repetition they run one after the other,
 * each first in turn.
 */
final class PassBench implements AutoCloseable {

  /** Repetitions that are run and not counted. */
  static final int WARM_UP = 2;

  private final Direction direction;
  private final Operands operands;
  private final int repetitions;
  private final Supplier<Times> times;
  private final Deque<Runnable> toClose = new ArrayDeque<>();
  private final List<Runnable> turns = new ArrayList<>();
  private final Map<Variant, INDArray> oneDnnOut = new EnumMap<>(Variant.class);
  private final Map<Variant, OneDnnSamples> oneDnn = new EnumMap<>(Variant.class);
  private final DfpSamples dfp;
  private final INDArray dfpOut;

  /**
   * Allocates and plans.
   *
   * @param variants of oneDNN
   */
  PassBench(
      Direction direction,
      Operands operands,
      NativeKernels kernels,
      OneDnn library,
      Set<Variant> variants,
      int repetitions) {
    this.direction = direction;
    this.operands = operands;
    this.repetitions = repetitions;
    this.times = () -> new Times(WARM_UP, repetitions);
    boolean keepsWeights =
        operands.shape() instanceof DenseShape && direction != Direction.BACKWARD_WEIGHTS;
    this.dfp = new DfpSamples(times, keepsWeights);
    this.dfpOut = output();
    DfpProduct product = new DfpProduct(kernels, direction, operands, dfpOut);
    turns.add(() -> dfp.add(product.run()));
    turns.add(() -> dfp.addPackWithoutGuess(product.packWithoutGuess()));
    if (keepsWeights) {
      PackedTensor weights = product.packWeights();
      toClose.push(weights::close);
      turns.add(() -> dfp.addKept(product.runWith(weights), product.recognize(weights)));
    }
    for (Variant variant : variants) {
      addOneDnn(variant, library);
    }
  }

  private void addOneDnn(Variant variant, OneDnn library) {
    INDArray out = output();
    OneDnnProduct product = new OneDnnProduct(library, variant, direction, operands, out);
    toClose.push(product::close);
    OneDnnSamples samples = new OneDnnSamples(product, times);
    oneDnnOut.put(variant, out);
    oneDnn.put(variant, samples);
    turns.add(samples::run);
  }

  private INDArray output() {
    INDArray out = operands.output(direction);
    toClose.push(out::close);
    return out;
  }

  /**
   * Runs all repetitions.
   *
   * @param name of the layer
   * @param products that one output is the sum of
   */
  Measurement run(String name, double products) {
    turns.forEach(Runnable::run);
    oneDnnOut.forEach(
        (variant, out) ->
            Check.close(
                name + " " + direction.label(),
                dfpOut,
                out,
                Check.tolerance(operands, direction, variant, products)));
    for (int i = 1; i < WARM_UP + repetitions; i++) {
      Collections.rotate(turns, 1);
      turns.forEach(Runnable::run);
    }
    return new Measurement(
        dfp.medians(), medians(Variant.FP32, Variant.FP32_PLAIN), medians(Variant.BF16, null));
  }

  private Measurement.OneDnnTimes medians(Variant variant, Variant plain) {
    OneDnnSamples samples = oneDnn.get(variant);
    if (samples == null) {
      return null;
    }
    OneDnnSamples without = plain == null ? null : oneDnn.get(plain);
    return new Measurement.OneDnnTimes(
        samples.medianKernel(),
        samples.medianTotal(),
        without == null ? null : without.medianTotal(),
        samples.implementation());
  }

  @Override
  public void close() {
    while (!toClose.isEmpty()) {
      toClose.pop().run();
    }
  }
}
