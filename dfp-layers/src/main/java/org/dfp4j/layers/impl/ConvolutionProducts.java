package org.dfp4j.layers.impl;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The products of one convolution layer, of any kind.
 *
 * <p>A training iteration quantizes src, weights and diffDst once each and runs each product once;
 * where the products are few beside the weights, each quantizes them on the way. Where the
 * activation's gradient needs the pre-activation z, the forward pass keeps a copy in the workspace
 * of the activations. Where a layer is a chain of convolutions, what one gives the next is FP32,
 * rounded once, and is quantized as a tensor of its own.
 */
final class ConvolutionProducts {

  private final ConvolutionLayer layer;
  private final ConvolutionKind kind;
  private final LayerPrecision precision;
  private final ConvolutionActivation activation;
  private final List<ConvolutionLink> links = new ArrayList<>();

  /** The input of the last forward pass in training whose backward pass is still to come. */
  private INDArray forwardInput;

  /** The pre-activation of that pass; null where nothing will ask for it. */
  private INDArray forwardZ;

  /** The output of that pass; null where the activation's gradient is not known by it. */
  private INDArray forwardOutput;

  /** False where an operand of the last forward product held a NaN or an infinity. */
  private boolean forwardFinite = true;

  /** What is known of the gradient by the output; null where nothing is. */
  private KnownGradient outputGradient;

  /** Where the backward pass writes the gradient by the input; null for the workspace. */
  private INDArray inputGradient;

  /** Whether the backward pass leaves out the gradient by the input. */
  private boolean withoutInputGradient;

  /** True while DL4J's backward pass runs and must leave the dropout gradient to this class. */
  private boolean deferDropout;

  ConvolutionProducts(
      ConvolutionLayer layer, ConvolutionKind kind, LayerPrecision precision, Kernels kernels) {
    this.layer = layer;
    this.kind = kind;
    this.precision = precision;
    activation = new ConvolutionActivation(layer, kind.layout(), precision);
    for (ConvolutionKind.Step step : kind.steps()) {
      LayerPrecision own = precision.withStream(links.size());
      links.add(new ConvolutionLink(step, new Operands(layer, step.part(), own), kernels));
    }
  }

  void useKernels(Kernels kernels) {
    links.forEach(link -> link.useKernels(kernels));
  }

  LayerPrecision precision() {
    return precision;
  }

  /** Of the layer's input, of the last weights and of the gradient by the layer's output. */
  Map<TensorRole, TensorNumerics> numerics() {
    Map<TensorRole, TensorNumerics> all = new HashMap<>(numerics(links.size() - 1));
    if (links.size() > 1) {
      all.remove(TensorRole.SRC);
      TensorNumerics src = numerics(0).get(TensorRole.SRC);
      if (src != null) {
        all.put(TensorRole.SRC, src);
      }
    }
    return Map.copyOf(all);
  }

  /** Of one convolution of the chain. */
  Map<TensorRole, TensorNumerics> numerics(int step) {
    return links.get(step).operands().numerics();
  }

  /** How long each product took, of all convolutions of the chain together. */
  Map<Pass, ProductTime> times() {
    Map<Pass, ProductTime> all = new EnumMap<>(Pass.class);
    for (ConvolutionLink link : links) {
      link.times().last().forEach((pass, time) -> all.merge(pass, time, ProductTime::plus));
    }
    return all;
  }

  void sampleAt(int iteration) {
    links.forEach(link -> link.operands().sampleAt(iteration));
  }

  /** Whether {@link #readInputAs} may be told any function. */
  boolean takesDeferred() {
    return links.size() == 1
        && precision.forward()
        && precision.wholeBackward()
        && !kind.layout().channelsLast()
        && layer.conf().getLayer().getIDropout() == null;
  }

  void readInputAs(Pointwise function) {
    links.get(0).readInputAs(function);
  }

  /** Says what is known of a gradient that the next backward pass may get. */
  void knowOutputGradient(KnownGradient known) {
    outputGradient = known;
  }

  boolean hasBias() {
    return layer.hasBias();
  }

  void writeInputGradientTo(INDArray diffSrc) {
    inputGradient = diffSrc;
  }

  /** Says that nobody reads the gradient by the input of the next backward pass. */
  void leaveOutInputGradient() {
    withoutInputGradient =
        precision.wholeBackward() && layer.conf().getLayer().getIDropout() == null;
  }

  boolean deferDropout() {
    return deferDropout;
  }

  /**
   * Ends a forward pass.
   *
   * @return the output; all NaN where an operand held a NaN: some activations turn it into a number
   */
  INDArray activated(INDArray output, boolean training) {
    forwardOutput = training && activation.isKnownByOutput() ? output : null;
    return forwardFinite ? output : output.assign(Float.NaN);
  }

  /** The pre-activation, from the forward pass where it is still known. */
  INDArray preOutput(boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
    if (forBackprop && forwardZ != null && forwardInput == layer.input()) {
      return forwardZ;
    }
    INDArray z = forward(training, workspaceMgr);
    if (training && !forBackprop && activation.needsZ()) {
      forwardZ = workspaceMgr.dup(ArrayType.ACTIVATIONS, z);
    }
    return z;
  }

  private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    boolean finite = true;
    INDArray x = links.get(0).sampledSrc(src());
    for (int i = 0; i < links.size(); i++) {
      ConvolutionLink link = links.get(i);
      boolean last = i == links.size() - 1;
      INDArray weights = weights(link, training, workspaceMgr);
      INDArray bias =
          last && layer.hasBias()
              ? kind.parameter(DefaultParamInitializer.BIAS_KEY, training, workspaceMgr)
              : null;
      Geometry geometry = link.step().geometry(x, weights);
      PackedTensor packedSrc = link.packSrc(geometry, x);
      ArrayType type = last ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
      x = kind.layout().create(workspaceMgr, type, geometry.dstShape());
      finite &= link.forward(geometry, packedSrc, weights, bias, x) && packedSrc.finite();
      if (!training || !precision.backwardWeights()) {
        link.operands().releaseSrc();
      }
    }
    forwardFinite = finite;
    forwardInput = training ? layer.input() : null;
    forwardZ = null;
    forwardOutput = null;
    return kind.layout().fromKernels(x);
  }

  private INDArray src() {
    INDArray input = layer.input();
    if (input.rank() != kind.layout().rank()) {
      throw Checks.badInput(layer, kind.layout().names(), input);
    }
    return kind.layout().toKernels(input.castTo(DataType.FLOAT));
  }

  private INDArray weights(ConvolutionLink link, boolean training, LayerWorkspaceMgr workspaceMgr) {
    return link.step().view(kind.parameter(link.step().weights(), training, workspaceMgr));
  }

  /** The whole backward pass. */
  Pair<Gradient, INDArray> backprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    try {
      if (!precision.backwardData() && !precision.backwardWeights()) {
        return kind.stockBackprop(epsilon, workspaceMgr);
      }
      return dfpBackprop(epsilon.castTo(DataType.FLOAT), workspaceMgr);
    } finally {
      release();
    }
  }

  private Pair<Gradient, INDArray> dfpBackprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    KnownGradient delta = delta(epsilon, workspaceMgr);
    // First: DL4J's backward pass forgets the noise in them.
    List<INDArray> weights = links.stream().map(link -> weights(link, true, workspaceMgr)).toList();
    // The products overwrite DL4J's, where DL4J computes one of them.
    Gradient gradient;
    INDArray diffSrc = null;
    if (precision.wholeBackward()) {
      gradient = biasGradient(delta);
    } else {
      Pair<Gradient, INDArray> stock = stockBackprop(epsilon, workspaceMgr);
      gradient = stock.getFirst();
      diffSrc = stock.getSecond();
    }
    List<INDArray> inputs = inputs(weights, workspaceMgr);
    for (int i = links.size() - 1; i >= 0; i--) {
      INDArray before = backward(i, inputs.get(i), weights.get(i), delta, gradient, workspaceMgr);
      if (i > 0) {
        delta = KnownGradient.unknown(before);
      } else if (before != null) {
        diffSrc = kind.layout().fromKernels(before);
      }
    }
    return new Pair<>(gradient, kind.finish(diffSrc));
  }

  private List<INDArray> inputs(List<INDArray> weights, LayerWorkspaceMgr workspaceMgr) {
    List<INDArray> inputs = new ArrayList<>();
    inputs.add(src());
    for (int i = 0; i < links.size() - 1; i++) {
      inputs.add(nextInput(links.get(i), inputs.get(i), weights.get(i), workspaceMgr));
    }
    return inputs;
  }

  /** What a step gives the next, in shape alone where no product reads its values. */
  private INDArray nextInput(
      ConvolutionLink link, INDArray x, INDArray weights, LayerWorkspaceMgr workspaceMgr) {
    if (precision.backwardWeights() && !precision.forward()) {
      return link.step().fp32Forward(x, weights);
    }
    Geometry geometry = link.step().geometry(x, weights);
    INDArray next =
        kind.layout().create(workspaceMgr, ArrayType.BP_WORKING_MEM, geometry.dstShape());
    if (precision.backwardWeights() && !isForwardKept(link)) {
      link.forward(geometry, link.packSrc(geometry, x), weights, null, next);
    }
    return next;
  }

  private boolean isForwardKept(ConvolutionLink link) {
    return link.operands().src() != null && forwardInput == layer.input();
  }

  /**
   * The backward products of one step, whose input is {@code x}.
   *
   * @return the gradient by the step's input; null where DL4J has computed the layer's, or nobody
   *     reads it
   */
  private INDArray backward(
      int index,
      INDArray x,
      INDArray weights,
      KnownGradient delta,
      Gradient gradient,
      LayerWorkspaceMgr workspaceMgr) {
    ConvolutionLink link = links.get(index);
    Geometry geometry = link.step().geometry(x, weights);
    try (PackedTensor diffDst = link.packDiffDst(geometry, delta)) {
      if (precision.backwardWeights()) {
        PackedTensor src = isForwardKept(link) ? link.operands().src() : link.packSrc(geometry, x);
        INDArray diffWeights = kind.gradientView(link.step().weights());
        link.backwardWeights(geometry, src, diffDst, diffWeights);
        gradient.setGradientFor(link.step().weights(), diffWeights, 'c');
      }
      if (index == 0 && withoutInputGradient) {
        return null;
      }
      if (!precision.backwardData()) {
        return index == 0 ? null : link.step().fp32BackwardData(delta.array(), weights);
      }
      ArrayType type = index == 0 ? ArrayType.ACTIVATION_GRAD : ArrayType.BP_WORKING_MEM;
      INDArray diffSrc =
          inputGradient == null
              ? kind.layout().create(workspaceMgr, type, geometry.srcShape())
              : inputGradient;
      link.backwardData(geometry, diffDst, weights, isForwardKept(link), diffSrc);
      return diffSrc;
    }
  }

  /** The gradient by z, in the kernels' order. */
  private KnownGradient delta(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    INDArray output = forwardInput == layer.input() ? forwardOutput : null;
    INDArray x = output == null && !activation.isIdentity() ? kind.z(workspaceMgr) : output;
    if (!forwardFinite) {
      return activation.notFinite(epsilon, workspaceMgr);
    }
    boolean known = outputGradient != null && outputGradient.array() == epsilon;
    return known && activation.isIdentity() && !kind.layout().channelsLast()
        ? outputGradient
        : activation.gradient(x, epsilon, workspaceMgr);
  }

  private Gradient biasGradient(KnownGradient delta) {
    Gradient gradient = new DefaultGradient();
    if (layer.hasBias()) {
      INDArray diffBias = kind.gradientView(DefaultParamInitializer.BIAS_KEY);
      FloatArrays.write(diffBias, delta.sums());
      gradient.setGradientFor(DefaultParamInitializer.BIAS_KEY, diffBias);
    }
    return gradient;
  }

  private Pair<Gradient, INDArray> stockBackprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    deferDropout = true;
    try {
      return kind.stockBackprop(epsilon, workspaceMgr);
    } finally {
      deferDropout = false;
    }
  }

  /** Forgets the last forward pass. */
  void release() {
    links.forEach(ConvolutionLink::release);
    forwardInput = null;
    forwardZ = null;
    forwardOutput = null;
    inputGradient = null;
    outputGradient = null;
    withoutInputGradient = false;
  }

  /** Forgets the packed weights too. */
  void close() {
    release();
    links.forEach(link -> link.operands().releaseWeights());
  }
}
