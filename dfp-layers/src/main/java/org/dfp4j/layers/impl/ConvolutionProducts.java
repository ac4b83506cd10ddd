package org.dfp4j.layers.impl;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.Fp32Weights;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.Quantized;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.layers.conf.LayerPrecision;
import org.dfp4j.layers.conf.Rectifiers;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

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

  /** One convolution of the chain with its operands and the times of its products. */
  private record Link(ConvolutionKind.Step step, Operands operands, ProductTimes times) {}

  private final ConvolutionLayer layer;
  private final ConvolutionKind kind;
  private final LayerPrecision precision;
  private final List<Link> links = new ArrayList<>();
  private Kernels kernels;

  /** The input of the last forward pass in training whose backward pass is still to come. */
  private INDArray forwardInput;

  /** The pre-activation of that pass; null where nothing will ask for it. */
  private INDArray forwardZ;

  /** The output of that pass; null where the activation's gradient is not known by it. */
  private INDArray forwardOutput;

  /** False where an operand of the last forward product held a NaN or an infinity. */
  private boolean forwardFinite = true;

  /** What the input's values stand for, until the backward pass. */
  private Pointwise inputFunction = Pointwise.IDENTITY;

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
    this.kernels = kernels;
    for (ConvolutionKind.Step step : kind.steps()) {
      LayerPrecision own = precision.withStream(links.size());
      Operands operands = new Operands(layer, step.part(), own);
      links.add(new Link(step, operands, new ProductTimes(operands::sampled)));
    }
  }

  void useKernels(Kernels kernels) {
    this.kernels = kernels;
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
    for (Link link : links) {
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
    inputFunction = function;
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
    forwardOutput = training && isKnownByOutput() ? output : null;
    return forwardFinite ? output : output.assign(Float.NaN);
  }

  /** The pre-activation, from the forward pass where it is still known. */
  INDArray preOutput(boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
    if (forBackprop && forwardZ != null && forwardInput == layer.input()) {
      return forwardZ;
    }
    INDArray z = forward(training, workspaceMgr);
    if (training && !forBackprop && needsZ()) {
      forwardZ = workspaceMgr.dup(ArrayType.ACTIVATIONS, z);
    }
    return z;
  }

  private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    boolean finite = true;
    INDArray x = sampledSrc();
    for (int i = 0; i < links.size(); i++) {
      Link link = links.get(i);
      boolean last = i == links.size() - 1;
      INDArray weights = weights(link, training, workspaceMgr);
      INDArray bias =
          last && layer.hasBias()
              ? kind.parameter(DefaultParamInitializer.BIAS_KEY, training, workspaceMgr)
              : null;
      Geometry geometry = link.step().geometry(x, weights);
      Operands operands = link.operands();
      PackedTensor packedSrc = operands.packSrc(packer(geometry), x);
      ArrayType type = last ? ArrayType.ACTIVATIONS : ArrayType.FF_WORKING_MEM;
      x = kind.layout().create(workspaceMgr, type, geometry.dstShape());
      finite &= multiply(link, geometry, packedSrc, weights, bias, x) && packedSrc.finite();
      if (!training || !precision.backwardWeights()) {
        operands.releaseSrc();
      }
    }
    forwardFinite = finite;
    forwardInput = training ? layer.input() : null;
    forwardZ = null;
    forwardOutput = null;
    return kind.layout().fromKernels(x);
  }

  /** The forward product of one step; whether its weights are finite. */
  private boolean multiply(
      Link link,
      Geometry geometry,
      PackedTensor src,
      INDArray weights,
      INDArray bias,
      INDArray dst) {
    return withWeights(
        link,
        Pass.FORWARD,
        geometry,
        weights,
        packed -> geometry.forward(kernels, src, packed, bias, dst),
        values -> geometry.forward(kernels, src, values, bias, dst));
  }

  /**
   * Runs a product with packed weights, or where they serve too few products to be packed, with
   * those in FP32; whether they are finite.
   */
  private boolean withWeights(
      Link link,
      Pass pass,
      Geometry geometry,
      INDArray weights,
      Consumer<PackedTensor> product,
      Function<Fp32Weights, Quantized> fp32Product) {
    Operands operands = link.operands();
    if (geometry.takesFp32Weights(kernels)) {
      Function<Fp32Weights, Quantized> timed =
          values -> {
            Quantized[] seen = new Quantized[1];
            link.times().time(pass, kernels, () -> seen[0] = fp32Product.apply(values));
            return seen[0];
          };
      return operands.weightsInProduct(geometry, weights, false, timed).finite();
    }
    PackedTensor packed =
        pass == Pass.FORWARD
            ? operands.weights(geometry, packer(geometry), weights)
            : weightsForBackward(link, geometry, weights);
    link.times().time(pass, kernels, () -> product.accept(packed));
    return packed.finite();
  }

  private INDArray src() {
    INDArray input = layer.input();
    if (input.rank() != kind.layout().rank()) {
      throw Checks.badInput(layer, kind.layout().names(), input);
    }
    return kind.layout().toKernels(input.castTo(DataType.FLOAT));
  }

  /** The input; its values are written out where they are sampled. */
  private INDArray sampledSrc() {
    INDArray x = src();
    if (inputFunction.equals(Pointwise.IDENTITY) || !links.get(0).operands().sampled()) {
      return x;
    }
    INDArray values = Nd4j.createUninitializedDetached(DataType.FLOAT, 'c', x.shape());
    Fp32KernelProvider.kernels().write(new DeferredTensor(x, inputFunction), values);
    inputFunction = Pointwise.IDENTITY;
    return values;
  }

  private INDArray weights(Link link, boolean training, LayerWorkspaceMgr workspaceMgr) {
    return link.step().view(kind.parameter(link.step().weights(), training, workspaceMgr));
  }

  /** Whether the backward pass asks for z; DL4J's own one always does. */
  private boolean needsZ() {
    return !((precision.wholeBackward() && isIdentity()) || isKnownByOutput());
  }

  private boolean isKnownByOutput() {
    return precision.wholeBackward()
        && Rectifiers.of(activation()).filter(Rectifier::isKnownByOutput).isPresent();
  }

  private boolean isIdentity() {
    return activation().getClass() == ActivationIdentity.class;
  }

  private IActivation activation() {
    return ((BaseLayer) layer.conf().getLayer()).getActivationFn();
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
    INDArray delta = kind.layout().toKernels(delta(epsilon, workspaceMgr));
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
        delta = before;
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
      Link link, INDArray x, INDArray weights, LayerWorkspaceMgr workspaceMgr) {
    if (precision.backwardWeights() && !precision.forward()) {
      return link.step().fp32Forward(x, weights);
    }
    Geometry geometry = link.step().geometry(x, weights);
    INDArray next =
        kind.layout().create(workspaceMgr, ArrayType.BP_WORKING_MEM, geometry.dstShape());
    if (precision.backwardWeights() && !isForwardKept(link)) {
      PackedTensor packedSrc = link.operands().packSrc(packer(geometry), x);
      multiply(link, geometry, packedSrc, weights, null, next);
    }
    return next;
  }

  private boolean isForwardKept(Link link) {
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
      INDArray delta,
      Gradient gradient,
      LayerWorkspaceMgr workspaceMgr) {
    Link link = links.get(index);
    Operands operands = link.operands();
    Geometry geometry = link.step().geometry(x, weights);
    try (PackedTensor diffDst = operands.packDiffDst(packer(geometry), delta)) {
      if (precision.backwardWeights()) {
        PackedTensor src =
            isForwardKept(link) ? operands.src() : operands.packSrc(packer(geometry), x);
        INDArray diffWeights = kind.gradientView(link.step().weights());
        link.times()
            .time(
                Pass.BACKWARD_WEIGHTS,
                kernels,
                () ->
                    geometry.backwardWeights(kernels, src, diffDst, link.step().view(diffWeights)));
        gradient.setGradientFor(link.step().weights(), diffWeights, 'c');
      }
      if (index == 0 && withoutInputGradient) {
        return null;
      }
      if (!precision.backwardData()) {
        return index == 0 ? null : link.step().fp32BackwardData(delta, weights);
      }
      ArrayType type = index == 0 ? ArrayType.ACTIVATION_GRAD : ArrayType.BP_WORKING_MEM;
      INDArray diffSrc =
          inputGradient == null
              ? kind.layout().create(workspaceMgr, type, geometry.srcShape())
              : inputGradient;
      withWeights(
          link,
          Pass.BACKWARD_DATA,
          geometry,
          weights,
          packed -> geometry.backwardData(kernels, diffDst, packed, diffSrc),
          values -> geometry.backwardData(kernels, diffDst, values, diffSrc));
      return diffSrc;
    }
  }

  private PackedTensor weightsForBackward(Link link, Geometry geometry, INDArray weights) {
    Operands operands = link.operands();
    PackedTensor ofForward = isForwardKept(link) ? operands.weightsOfForward(geometry) : null;
    return ofForward == null ? operands.weights(geometry, packer(geometry), weights) : ofForward;
  }

  private INDArray delta(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    Optional<Rectifier> rectifier = Rectifiers.of(activation());
    boolean byOutput = forwardOutput != null && forwardInput == layer.input();
    INDArray z = isIdentity() || byOutput ? null : kind.z(workspaceMgr);
    if (!forwardFinite) {
      // Some activations have a gradient of zero at NaN.
      INDArray nan =
          workspaceMgr.createUninitialized(
              ArrayType.BP_WORKING_MEM, DataType.FLOAT, epsilon.shape(), 'c');
      return nan.assign(Float.NaN);
    }
    if (isIdentity()) {
      return epsilon;
    }
    if (precision.wholeBackward() && rectifier.isPresent()) {
      INDArray delta =
          workspaceMgr.createUninitialized(
              ArrayType.BP_WORKING_MEM, DataType.FLOAT, epsilon.shape(), 'c');
      Fp32KernelProvider.kernels()
          .activationBackward(rectifier.get(), byOutput ? forwardOutput : z, epsilon, delta);
      return delta;
    }
    if (!precision.wholeBackward()) {
      // DL4J's backward pass needs z too, and activations overwrite it.
      z = workspaceMgr.dup(ArrayType.BP_WORKING_MEM, z);
    }
    return activation().backprop(z, epsilon).getFirst();
  }

  private Gradient biasGradient(INDArray delta) {
    Gradient gradient = new DefaultGradient();
    if (layer.hasBias()) {
      INDArray diffBias = kind.gradientView(DefaultParamInitializer.BIAS_KEY);
      FloatArrays.write(diffBias, Fp32KernelProvider.kernels().channelSums(delta));
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

  private Operands.Packer packer(Geometry geometry) {
    return (role, x, quantizer, guess) ->
        role == TensorRole.SRC && !inputFunction.equals(Pointwise.IDENTITY)
            ? geometry.pack(kernels, new DeferredTensor(x, inputFunction), quantizer, guess)
            : geometry.pack(kernels, role, x, quantizer, guess);
  }

  /** Forgets the last forward pass. */
  void release() {
    links.forEach(link -> link.operands().releaseSrc());
    forwardInput = null;
    forwardZ = null;
    forwardOutput = null;
    inputFunction = Pointwise.IDENTITY;
    inputGradient = null;
    withoutInputGradient = false;
  }

  /** Forgets the packed weights too. */
  void close() {
    release();
    links.forEach(link -> link.operands().releaseWeights());
  }
}
