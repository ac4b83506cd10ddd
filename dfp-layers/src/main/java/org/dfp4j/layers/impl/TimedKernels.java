package org.dfp4j.layers.impl;

import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.DenseShape;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The kernels of one layer; times the products while the layer is sampled. */
final class TimedKernels implements Kernels {

  private final Kernels kernels;
  private final BooleanSupplier sampled;
  // Read by other threads while the layer trains.
  private final Map<Pass, ProductTime> times = new ConcurrentHashMap<>();

  TimedKernels(Kernels kernels, BooleanSupplier sampled) {
    this.kernels = kernels;
    this.sampled = sampled;
  }

  /** What was last sampled of each product. */
  Map<Pass, ProductTime> times() {
    return Map.copyOf(times);
  }

  private void time(Pass product, Runnable run) {
    if (!sampled.getAsBoolean()) {
      run.run();
      return;
    }
    long start = System.nanoTime();
    run.run();
    long nanos = System.nanoTime() - start;
    times.put(product, new ProductTime(product, kernels.name(), nanos));
  }

  @Override
  public String name() {
    return kernels.name();
  }

  @Override
  public String isa() {
    return kernels.isa();
  }

  @Override
  public PackedTensor pack(
      ConvShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    return kernels.pack(shape, role, x, quantizer, guess);
  }

  @Override
  public void forward(
      ConvShape shape, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
    time(Pass.FORWARD, () -> kernels.forward(shape, src, weights, bias, dst));
  }

  @Override
  public void backwardData(
      ConvShape shape, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
    time(Pass.BACKWARD_DATA, () -> kernels.backwardData(shape, diffDst, weights, diffSrc));
  }

  @Override
  public void backwardWeights(
      ConvShape shape, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
    time(Pass.BACKWARD_WEIGHTS, () -> kernels.backwardWeights(shape, src, diffDst, diffWeights));
  }

  @Override
  public PackedTensor pack(
      DenseShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    return kernels.pack(shape, role, x, quantizer, guess);
  }

  @Override
  public void forward(
      DenseShape shape, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
    time(Pass.FORWARD, () -> kernels.forward(shape, src, weights, bias, dst));
  }

  @Override
  public void backwardData(
      DenseShape shape, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
    time(Pass.BACKWARD_DATA, () -> kernels.backwardData(shape, diffDst, weights, diffSrc));
  }

  @Override
  public void backwardWeights(
      DenseShape shape, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
    time(Pass.BACKWARD_WEIGHTS, () -> kernels.backwardWeights(shape, src, diffDst, diffWeights));
  }
}
