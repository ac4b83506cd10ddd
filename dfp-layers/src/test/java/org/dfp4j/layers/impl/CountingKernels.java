package org.dfp4j.layers.impl;

import java.util.EnumMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;
import org.deeplearning4j.nn.api.Layer;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.LayerShape;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels that count their products, their packs, and the packs not closed yet. */
public final class CountingKernels implements Kernels {

  private final Kernels kernels;
  private final Map<TensorRole, AtomicInteger> packs = new EnumMap<>(TensorRole.class);
  private final Map<TensorRole, AtomicInteger> open = new EnumMap<>(TensorRole.class);
  private final Map<TensorRole, OptionalInt> guesses = new EnumMap<>(TensorRole.class);
  private int forward;
  private int backwardData;
  private int backwardWeights;

  /** Counts what the given kernels do. */
  public CountingKernels(Kernels kernels) {
    this.kernels = kernels;
    for (TensorRole role : TensorRole.values()) {
      packs.put(role, new AtomicInteger());
      open.put(role, new AtomicInteger());
    }
  }

  /** Lets a DFP-16 layer use these kernels. */
  public CountingKernels watch(Layer layer) {
    if (layer instanceof ConvolutionImpl convolution) {
      convolution.useKernels(this);
    } else if (layer instanceof Dfp16DenseImpl dense) {
      dense.useKernels(this);
    } else {
      ((Dfp16OutputImpl) layer).useKernels(this);
    }
    return this;
  }

  /** Sets all counts to zero, except those of open packs. */
  public void reset() {
    packs.values().forEach(count -> count.set(0));
    forward = 0;
    backwardData = 0;
    backwardWeights = 0;
  }

  /** {@code src weights diffDst | forward backwardData backwardWeights}. */
  public String counts() {
    return packs.values() + " | " + forward + " " + backwardData + " " + backwardWeights;
  }

  /** How many gradients by an input were computed. */
  int backwardDataProducts() {
    return backwardData;
  }

  /** The guess at the exponent that came with the last pack of a role. */
  public OptionalInt guess(TensorRole role) {
    return guesses.get(role);
  }

  /** Packs not closed, by role. */
  public String open() {
    return open.values().toString();
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
    guesses.put(role, guess);
    return counted(kernels.pack(shape, role, x, quantizer, guess));
  }

  private PackedTensor counted(PackedTensor pack) {
    packs.get(pack.role()).incrementAndGet();
    open.get(pack.role()).incrementAndGet();
    return new Counted(pack, open.get(pack.role()));
  }

  @Override
  public PackedTensor pack(
      LayerShape shape, DeferredTensor src, Quantizer quantizer, OptionalInt guess) {
    guesses.put(TensorRole.SRC, guess);
    return counted(kernels.pack(shape, src, quantizer, guess));
  }

  @Override
  public void forward(
      LayerShape shape, PackedTensor src, PackedTensor weights, INDArray bias, INDArray dst) {
    forward++;
    kernels.forward(shape, inner(src), inner(weights), bias, dst);
  }

  @Override
  public void backwardData(
      LayerShape shape, PackedTensor diffDst, PackedTensor weights, INDArray diffSrc) {
    backwardData++;
    kernels.backwardData(shape, inner(diffDst), inner(weights), diffSrc);
  }

  @Override
  public void backwardWeights(
      LayerShape shape, PackedTensor src, PackedTensor diffDst, INDArray diffWeights) {
    backwardWeights++;
    kernels.backwardWeights(shape, inner(src), inner(diffDst), diffWeights);
  }

  @Override
  public Quantized forward(
      LayerShape shape, PackedTensor src, Fp32Weights weights, INDArray bias, INDArray dst) {
    forward++;
    return counted(weights, kernels.forward(shape, inner(src), weights, bias, dst));
  }

  @Override
  public Quantized backwardData(
      LayerShape shape, PackedTensor diffDst, Fp32Weights weights, INDArray diffSrc) {
    backwardData++;
    return counted(weights, kernels.backwardData(shape, inner(diffDst), weights, diffSrc));
  }

  private Quantized counted(Fp32Weights weights, Quantized seen) {
    guesses.put(TensorRole.WEIGHTS, weights.guess());
    packs.get(TensorRole.WEIGHTS).incrementAndGet();
    return seen;
  }

  private static PackedTensor inner(PackedTensor pack) {
    return ((Counted) pack).pack;
  }

  private static final class Counted implements PackedTensor {

    private final PackedTensor pack;
    private final AtomicInteger open;
    private boolean closed;

    Counted(PackedTensor pack, AtomicInteger open) {
      this.pack = pack;
      this.open = open;
    }

    @Override
    public TensorRole role() {
      return pack.role();
    }

    @Override
    public Quantizer quantizer() {
      return pack.quantizer();
    }

    @Override
    public int exponent() {
      return pack.exponent();
    }

    @Override
    public float amax() {
      return pack.amax();
    }

    @Override
    public boolean finite() {
      return pack.finite();
    }

    @Override
    public boolean isPackOf(INDArray x) {
      return pack.isPackOf(x);
    }

    @Override
    public long bytes() {
      return pack.bytes();
    }

    @Override
    public void close() {
      if (!closed) {
        closed = true;
        open.decrementAndGet();
      }
      pack.close();
    }
  }
}
