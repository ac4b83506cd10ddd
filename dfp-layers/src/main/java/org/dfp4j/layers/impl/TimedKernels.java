package org.dfp4j.layers.impl;

import java.util.Map;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** The kernels of one layer; times the products while the layer is sampled. */
final class TimedKernels implements Kernels {

  private final Kernels kernels;
  private final ProductTimes times;

  TimedKernels(Kernels kernels, BooleanSupplier sampled) {
    this.kernels = kernels;
    this.times = new ProductTimes(sampled);
  }

  /** What was last sampled of each product. */
  Map<Pass, ProductTime> times() {
    return times.last();
  }

  private void time(Pass product, Runnable run) {
    times.time(product, kernels, run);
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
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    return kernels.pack(shape, role, x, quantizer, guess);
  }

  @Override
  public PackedTensor pack(
      LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    return kernels.pack(shape, src, quantizer, guess);
  }

  @Override
  public boolean takesFp32Weights(LayerShape shape) {
    return kernels.takesFp32Weights(shape);
  }

  @Override
  public void forward(
      LayerShape shape, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
    time(Pass.FORWARD, () -> kernels.forward(shape, src, weights, bias, dst));
  }

  @Override
  public void backwardData(
      LayerShape shape, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
    time(Pass.BACKWARD_DATA, () -> kernels.backwardData(shape, diffDst, weights, diffSrc));
  }

  @Override
  public Quantized forward(
      LayerShape shape, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst) {
    Quantized[] seen = new Quantized[1];
    time(Pass.FORWARD, () -> seen[0] = kernels.forward(shape, src, weights, bias, dst));
    return seen[0];
  }

  @Override
  public Quantized backwardData(
      LayerShape shape, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc) {
    Quantized[] seen = new Quantized[1];
    time(
        Pass.BACKWARD_DATA, () -> seen[0] = kernels.backwardData(shape, diffDst, weights, diffSrc));
    return seen[0];
  }

  @Override
  public void backwardWeights(
      LayerShape shape, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
    time(Pass.BACKWARD_WEIGHTS, () -> kernels.backwardWeights(shape, src, diffDst, diffWeights));
  }
}
