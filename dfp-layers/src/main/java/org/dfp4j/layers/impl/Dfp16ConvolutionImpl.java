package org.dfp4j.layers.impl;

import java.util.Map;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.convolution.ConvolutionLayer;
import org.deeplearning4j.nn.params.ConvolutionParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.kernels.ConvShape;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.PackedTensor;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.conf.LayerPrecision;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's 2-D convolution with its three products in DFP-16.
 *
 * <p>A training iteration quantizes src, weights and diffDst once each and runs each product once:
 * where the activation's gradient needs the pre-activation z, the forward pass keeps a copy in the
 * workspace of the activations. Kernels see NCHW; NHWC arrays are permuted views.
 */
public final class Dfp16ConvolutionImpl extends ConvolutionLayer implements Dfp16Impl {

  private static final long serialVersionUID = 1L;

  private final transient LayerPrecision precision;
  private final transient Operands operands;
  private transient TimedKernels kernels;

  /** The input of the last forward pass in training whose backward pass is still to come. */
  private transient INDArray forwardInput;

  /** The pre-activation of that pass; null where nothing will ask for it. */
  private transient INDArray forwardZ;

  /** False where an operand of the last forward product held a NaN or an infinity. */
  private transient boolean forwardFinite = true;

  /** True while DL4J's backward pass runs and must leave the dropout gradient to this class. */
  private transient boolean deferDropout;

  /**
   * A layer without parameters yet.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param precision how DFP-16 is used
   * @param kernels run the products
   */
  public Dfp16ConvolutionImpl(
      NeuralNetConfiguration conf, DataType dataType, LayerPrecision precision, Kernels kernels) {
    super(conf, Checks.isFloat(dataType, conf));
    this.precision = precision;
    this.operands = new Operands(this, precision);
    this.kernels = new TimedKernels(kernels, operands::sampled);
  }

  /** Lets a test count the products. */
  void useKernels(Kernels kernels) {
    this.kernels = new TimedKernels(kernels, operands::sampled);
  }

  @Override
  public LayerPrecision precision() {
    return precision;
  }

  @Override
  public Map<TensorRole, TensorNumerics> numerics() {
    return operands.numerics();
  }

  @Override
  public Map<Pass, ProductTime> products() {
    return kernels.times();
  }

  @Override
  public void sampleAt(int iteration) {
    operands.sampleAt(iteration);
  }

  @Override
  public INDArray activate(boolean training, LayerWorkspaceMgr workspaceMgr) {
    INDArray output = super.activate(training, workspaceMgr);
    if (!forwardFinite) {
      // Some activations turn NaN into a number.
      output.assign(Float.NaN);
    }
    return output;
  }

  @Override
  protected Pair<INDArray, INDArray> preOutput(
      boolean training, boolean forBackprop, LayerWorkspaceMgr workspaceMgr) {
    if (!precision.forward()) {
      return super.preOutput(training, forBackprop, workspaceMgr);
    }
    assertInputSet(forBackprop);
    if (forBackprop && forwardZ != null && forwardInput == input) {
      return new Pair<>(forwardZ, null);
    }
    INDArray z = forward(training, workspaceMgr);
    if (training && !forBackprop && needsZ()) {
      forwardZ = workspaceMgr.dup(ArrayType.ACTIVATIONS, z);
    }
    return new Pair<>(z, null);
  }

  private INDArray forward(boolean training, LayerWorkspaceMgr workspaceMgr) {
    INDArray bias = getParamWithNoise(ConvolutionParamInitializer.BIAS_KEY, training, workspaceMgr);
    INDArray weights =
        getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, training, workspaceMgr);
    validateInputRank();
    validateInputDepth(weights.size(1));
    INDArray src = toNchw(input.castTo(dataType));
    ConvShape shape = ConvShapes.of(layerConf(), convolutionMode, src);
    PackedTensor packedWeights = operands.weights(shape, packer(shape), weights);
    PackedTensor packedSrc = operands.packSrc(packer(shape), src);
    INDArray z = create(workspaceMgr, ArrayType.ACTIVATIONS, shape.dstShape());
    kernels.forward(shape, packedSrc, packedWeights, hasBias() ? bias : null, toNchw(z));
    forwardFinite = packedSrc.finite() && packedWeights.finite();
    if (!training || !precision.backwardWeights()) {
      operands.releaseSrc();
    }
    forwardInput = training ? input : null;
    forwardZ = null;
    return z;
  }

  /** Whether the backward pass asks for z; DL4J's own one always does. */
  private boolean needsZ() {
    return !precision.wholeBackward() || !isIdentity();
  }

  private boolean isIdentity() {
    return layerConf().getActivationFn().getClass() == ActivationIdentity.class;
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    try {
      if (!precision.backwardData() && !precision.backwardWeights()) {
        return super.backpropGradient(epsilon, workspaceMgr);
      }
      return dfpBackprop(epsilon.castTo(dataType), workspaceMgr);
    } finally {
      release();
    }
  }

  private Pair<Gradient, INDArray> dfpBackprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    INDArray weights =
        getParamWithNoise(ConvolutionParamInitializer.WEIGHT_KEY, true, workspaceMgr);
    INDArray src = toNchw(input.castTo(dataType));
    ConvShape shape = ConvShapes.of(layerConf(), convolutionMode, src);
    INDArray delta = toNchw(delta(epsilon, workspaceMgr));
    try (PackedTensor diffDst = operands.packDiffDst(packer(shape), delta)) {
      PackedTensor packedSrc = null;
      if (precision.backwardWeights()) {
        boolean kept = operands.src() != null && forwardInput == input;
        packedSrc = kept ? operands.src() : operands.packSrc(packer(shape), src);
      }
      PackedTensor packedWeights = null;
      if (precision.backwardData()) {
        packedWeights = operands.weights(shape, packer(shape), weights);
      }
      // From here on the products overwrite DL4J's, where DL4J computes one of them.
      Pair<Gradient, INDArray> result =
          precision.wholeBackward()
              ? new Pair<>(
                  biasGradient(delta),
                  create(workspaceMgr, ArrayType.ACTIVATION_GRAD, shape.srcShape()))
              : stockBackprop(epsilon, workspaceMgr);
      if (packedSrc != null) {
        INDArray diffWeights = gradientViews.get(ConvolutionParamInitializer.WEIGHT_KEY);
        kernels.backwardWeights(shape, packedSrc, diffDst, diffWeights);
        result.getFirst().setGradientFor(ConvolutionParamInitializer.WEIGHT_KEY, diffWeights, 'c');
      }
      if (packedWeights != null) {
        kernels.backwardData(shape, diffDst, packedWeights, toNchw(result.getSecond()));
      }
      weightNoiseParams.clear();
      result.setSecond(backpropDropOutIfPresent(result.getSecond()));
      return result;
    }
  }

  private INDArray delta(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    INDArray z = isIdentity() ? null : preOutput4d(true, true, workspaceMgr).getFirst();
    if (!forwardFinite) {
      // Some activations have a gradient of zero at NaN.
      INDArray nan =
          workspaceMgr.createUninitialized(
              ArrayType.BP_WORKING_MEM, dataType, epsilon.shape(), 'c');
      return nan.assign(Float.NaN);
    }
    if (z == null) {
      return epsilon;
    }
    if (!precision.wholeBackward()) {
      // DL4J's backward pass needs z too, and activations overwrite it.
      z = workspaceMgr.dup(ArrayType.BP_WORKING_MEM, z);
    }
    IActivation activation = layerConf().getActivationFn();
    return activation.backprop(z, epsilon).getFirst();
  }

  private Gradient biasGradient(INDArray delta) {
    Gradient gradient = new DefaultGradient();
    if (hasBias()) {
      INDArray diffBias = gradientViews.get(ConvolutionParamInitializer.BIAS_KEY);
      FloatArrays.write(diffBias, Fp32KernelProvider.kernels().channelSums(delta));
      gradient.setGradientFor(ConvolutionParamInitializer.BIAS_KEY, diffBias);
    }
    return gradient;
  }

  private Pair<Gradient, INDArray> stockBackprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    deferDropout = true;
    try {
      return super.backpropGradient(epsilon, workspaceMgr);
    } finally {
      deferDropout = false;
    }
  }

  @Override
  protected INDArray backpropDropOutIfPresent(INDArray epsilon) {
    return deferDropout ? epsilon : super.backpropDropOutIfPresent(epsilon);
  }

  @Override
  public void clear() {
    super.clear();
    release();
  }

  @Override
  public void close() {
    super.close();
    release();
    operands.releaseWeights();
  }

  private void release() {
    operands.releaseSrc();
    forwardInput = null;
    forwardZ = null;
  }

  private Operands.Packer packer(ConvShape shape) {
    return (role, x, quantizer, guess) -> kernels.pack(shape, role, x, quantizer, guess);
  }

  private boolean isNhwc() {
    return layerConf().getCnn2dDataFormat() == CNN2DFormat.NHWC;
  }

  /** The array in the kernels' order of dimensions: itself, or a view of it. */
  private INDArray toNchw(INDArray x) {
    return isNhwc() ? x.permute(0, 3, 1, 2) : x;
  }

  /** A new array in the layer's data format, for values of the given NCHW shape. */
  private INDArray create(LayerWorkspaceMgr workspaceMgr, ArrayType type, long[] nchw) {
    long[] shape = isNhwc() ? new long[] {nchw[0], nchw[2], nchw[3], nchw[1]} : nchw;
    return workspaceMgr.createUninitialized(type, dataType, shape, 'c');
  }
}
