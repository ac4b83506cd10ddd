package org.dfp4j.layers.impl;

import java.util.EnumSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.deeplearning4j.nn.layers.AbstractLayer;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.layers.NonFiniteTensorException;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The quantized operands of one layer, and how long each lives.
 *
 * <ul>
 *   <li>src: from the forward pass of a training iteration to its backward weights product.
 *   <li>weights: until the values, the shape or the quantizer change; or a product, where it
 *       quantizes them itself.
 *   <li>diffDst: the backward pass; the caller closes it.
 * </ul>
 *
 * <p>Also counts what was quantized, samples it where somebody asked for the iteration, and names a
 * tensor that is not finite once in the log.
 */
final class Operands {

  private static final Logger LOG = LoggerFactory.getLogger(Operands.class);
  private static final int NEVER = -1;

  /** Quantizes and packs one tensor of the layer, for one shape. */
  @FunctionalInterface
  interface Packer {
    PackedTensor pack(TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess);
  }

  private final AbstractLayer<?> layer;
  private final String part;
  private final LayerPrecision precision;
  // Read by other threads while this layer trains.
  private final Map<TensorRole, TensorNumerics> numerics = new ConcurrentHashMap<>();
  private final Set<TensorRole> named = EnumSet.noneOf(TensorRole.class);

  private PackedTensor src;
  private PackedTensor packedWeights;
  private Quantized weights;
  private Object weightsShape;

  private volatile int sampledIteration = NEVER;

  Operands(AbstractLayer<?> layer, LayerPrecision precision) {
    this(layer, "", precision);
  }

  /** The operands of a part of a layer; messages add it to the layer's name. */
  Operands(AbstractLayer<?> layer, String part, LayerPrecision precision) {
    this.layer = layer;
    this.part = part;
    this.precision = precision;
  }

  /** Packs the input, in place of one that is still held. */
  PackedTensor packSrc(Packer packer, INDArray x) {
    releaseSrc();
    src = pack(packer, TensorRole.SRC, x);
    return src;
  }

  /** The input as packed by {@link #packSrc}; null once released. */
  PackedTensor src() {
    return src;
  }

  /** Whether {@link #packSrc} would pack the same values to the tensor that is held. */
  boolean srcIsCurrent() {
    return src != null && src.quantizer().equals(quantizer(TensorRole.SRC));
  }

  void releaseSrc() {
    if (src != null) {
      src.close();
      src = null;
    }
  }

  /** Whether the weights are those that were quantized last. */
  boolean weightsUnchanged(Object shape, INDArray x) {
    return weights != null
        && shape.equals(weightsShape)
        && weights.quantizer().equals(quantizer(TensorRole.WEIGHTS))
        && weights.isPackOf(x);
  }

  /** The packed weights; packed again only where they have changed. */
  PackedTensor weights(Object shape, Packer packer, INDArray x) {
    if (!weightsUnchanged(shape, x)) {
      releaseWeights();
      packedWeights = pack(packer, TensorRole.WEIGHTS, x);
      weights = packedWeights;
      weightsShape = shape;
    }
    return packedWeights;
  }

  /**
   * The packed weights of the forward pass that src is of, without comparing values: its gradients
   * are by those. Null where there are none for the shape.
   */
  PackedTensor weightsOfForward(Object shape) {
    return src != null && shape.equals(weightsShape) ? packedWeights : null;
  }

  /**
   * Runs a product that quantizes the weights itself.
   *
   * @param recognize whether {@link #weightsUnchanged} will be asked
   * @return what it found out
   */
  Quantized weightsInProduct(
      Object shape, INDArray x, boolean recognize, Function<Fp32Weights, Quantized> product) {
    TensorRole role = TensorRole.WEIGHTS;
    Quantized seen =
        product.apply(new Fp32Weights(x, quantizer(role), lastExponent(role), recognize));
    if (recognize || !isCounted(seen)) {
      record(role, seen, x);
      if (!seen.finite()) {
        report(role);
      }
    }
    if (recognize) {
      weights = seen;
      weightsShape = shape;
    }
    return seen;
  }

  /** Whether another product of the iteration has probably counted these weights. */
  private boolean isCounted(Quantized seen) {
    TensorNumerics last = numerics.get(TensorRole.WEIGHTS);
    return last != null
        && last.iteration() == layer.getIterationCount()
        && Float.compare(last.amax(), seen.amax()) == 0;
  }

  /** Gives the memory of the packed weights back; they are packed again when next asked for. */
  void releaseWeights() {
    if (packedWeights != null) {
      packedWeights.close();
      packedWeights = null;
    }
    weights = null;
  }

  /** Packs the gradient by the output, whose largest magnitude is not known. */
  PackedTensor packDiffDst(Packer packer, INDArray x) {
    return packDiffDst(packer, x, Float.NaN);
  }

  /**
   * Packs the gradient by the output.
   *
   * @param amax its largest magnitude; NaN where that is not known
   */
  PackedTensor packDiffDst(Packer packer, INDArray x, float amax) {
    return pack(packer, TensorRole.DIFF_DST, x, amax);
  }

  /** What the last quantization of each tensor saw. */
  Map<TensorRole, TensorNumerics> numerics() {
    return Map.copyOf(numerics);
  }

  /** See {@link Dfp16Impl#sampleAt}. */
  void sampleAt(int iteration) {
    sampledIteration = iteration;
  }

  /** Whether the running iteration is to be sampled. */
  boolean sampled() {
    return sampledIteration == layer.getIterationCount();
  }

  private Quantizer quantizer(TensorRole role) {
    return precision.quantizer(role, layer.getIndex(), layer.getIterationCount());
  }

  private PackedTensor pack(Packer packer, TensorRole role, INDArray x) {
    return pack(packer, role, x, Float.NaN);
  }

  private PackedTensor pack(Packer packer, TensorRole role, INDArray x, float amax) {
    Quantizer quantizer = quantizer(role);
    OptionalInt guess =
        Float.isFinite(amax) ? OptionalInt.of(quantizer.exponent(amax)) : lastExponent(role);
    PackedTensor pack = packer.pack(role, x, quantizer, guess);
    record(role, pack, x);
    if (!pack.finite()) {
      if (precision.strict()) {
        pack.close();
      }
      report(role);
    }
    return pack;
  }

  /** The exponent of the last iteration, where there is nothing better to guess by. */
  private OptionalInt lastExponent(TensorRole role) {
    TensorNumerics last = numerics.get(role);
    return last != null && last.finite() ? OptionalInt.of(last.exponent()) : OptionalInt.empty();
  }

  private void record(TensorRole role, Quantized pack, INDArray x) {
    TensorNumerics last = numerics.get(role);
    boolean finite = pack.finite();
    numerics.put(
        role,
        new TensorNumerics(
            role,
            finite ? pack.exponent() : 0,
            pack.amax(),
            finite,
            layer.getIterationCount(),
            1 + (last == null ? 0 : last.quantizations()),
            (finite ? 0 : 1) + (last == null ? 0 : last.nonFinite()),
            finite && sampled()
                ? QuantizationSample.of(x, pack.quantizer(), pack.exponent())
                : null));
  }

  private void report(TensorRole role) {
    if (precision.strict()) {
      throw new NonFiniteTensorException(name(), role, layer.getIterationCount());
    }
    if (named.add(role)) {
      LOG.warn(
          "{}; the products with it are NaN; not logged again",
          NonFiniteTensorException.message(name(), role, layer.getIterationCount()));
    }
  }

  private String name() {
    String name = layer.conf().getLayer().getLayerName();
    return (name == null ? Integer.toString(layer.getIndex()) : name) + part;
  }
}
