package org.dfp4j.layers.impl;

import java.util.Arrays;
import org.deeplearning4j.nn.conf.CNN2DFormat;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.gradient.DefaultGradient;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.layers.normalization.BatchNormalization;
import org.deeplearning4j.nn.params.BatchNormalizationParamInitializer;
import org.deeplearning4j.nn.workspace.ArrayType;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.fp32.BatchNorm;
import org.dfp4j.backend.fp32.BatchNormGradient;
import org.dfp4j.backend.fp32.ChannelShape;
import org.dfp4j.backend.fp32.ChannelStatistics;
import org.dfp4j.backend.fp32.Fp32Kernels;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.backend.pointwise.DeferredTensor;
import org.dfp4j.backend.pointwise.Pointwise;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * DL4J's batch normalization of matrices and of NCHW and NHWC images on FP32 kernels. It keeps the
 * statistics of a forward pass, two numbers a channel, where DL4J keeps two copies of the input.
 *
 * <p>As in DL4J, the running statistics are parameters whose gradient is what to subtract: {@code
 * (1 - decay)·(running - batch)}, and the like for the logarithm of the standard deviation.
 */
public final class Fp32BatchNormImpl extends BatchNormalization {

  private static final long serialVersionUID = 1L;

  private static final double LN_10 = Math.log(10);

  private final transient Fp32Kernels kernels;

  /** What the last forward pass normalized with; null where there was none. */
  private transient ChannelStatistics used;

  /** The statistics of the input itself: of a forward pass in training. */
  private transient ChannelStatistics batch;

  /** The input of that pass. */
  private transient INDArray forwardInput;

  /** What the readers made of the input where this layer left it to them. */
  private transient Pointwise readAs = Pointwise.IDENTITY;

  /** Whether the layer below will {@link #takeGradient}, and wants its sums. */
  private transient boolean keepsGradient;

  private transient boolean sumsGradient;

  /** The last gradient by the input; null where nobody will take it. */
  private transient KnownGradient kept;

  /**
   * A layer without parameters yet.
   *
   * @param conf holds the layer configuration
   * @param dataType {@link DataType#FLOAT}
   * @param kernels normalize
   */
  public Fp32BatchNormImpl(NeuralNetConfiguration conf, DataType dataType, Fp32Kernels kernels) {
    super(conf, Checks.isFp32(dataType, conf));
    this.kernels = kernels;
  }

  @Override
  public INDArray preOutput(INDArray x, TrainingMode training, LayerWorkspaceMgr workspaceMgr) {
    if (!isSupported(x)) {
      return super.preOutput(x, training, workspaceMgr);
    }
    INDArray src = x.castTo(dataType);
    BatchNorm norm = norm(src);
    INDArray y =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATIONS, dataType, src.shape(), 'c');
    float[] gamma = forwardGamma();
    float[] beta = forwardBeta();
    if (training == TrainingMode.TRAIN) {
      batch = kernels.batchNormTraining(norm, src, gamma, beta, y);
      used = batch;
    } else {
      batch = null;
      used = running();
      kernels.batchNormInference(norm, src, used, gamma, beta, y);
    }
    forwardInput = x;
    return y;
  }

  /** Whether the readers of the output can normalize the input themselves. */
  boolean canDefer() {
    return input != null
        && input.rank() == 4
        && input.dataType() == DataType.FLOAT
        && layerConf().getCnn2DFormat() == CNN2DFormat.NCHW
        && FloatArrays.isDense(input, 'c');
  }

  /** A forward pass in training that leaves the normalization to those who read its output. */
  DeferredTensor defer() {
    BatchNorm norm = norm(input);
    batch = kernels.statistics(norm.shape(), input);
    used = batch;
    forwardInput = input;
    readAs = new Pointwise(norm.affine(batch, forwardGamma(), forwardBeta()), null);
    return new DeferredTensor(input, readAs);
  }

  /**
   * Says what the next backward pass gets the gradient of, after {@link #defer}.
   *
   * @param function the normalization, and the activation after it where there is one
   */
  void backpropThrough(Pointwise function) {
    readAs = function;
  }

  /**
   * Lets the next backward pass keep its gradient by the input until {@link #takeGradient}.
   *
   * @param withSums whether the sums of its channels are wanted
   */
  void keepGradient(boolean withSums) {
    keepsGradient = true;
    sumsGradient = withSums;
  }

  /** The gradient that the last backward pass has kept, once; null where there is none. */
  KnownGradient takeGradient() {
    KnownGradient taken = kept;
    kept = null;
    return taken;
  }

  @Override
  public INDArray getGradientsViewArray() {
    return LayerGradients.of(super.getGradientsViewArray());
  }

  @Override
  public Pair<Gradient, INDArray> backpropGradient(
      INDArray epsilon, LayerWorkspaceMgr workspaceMgr) {
    assertInputSet(true);
    if (!isSupported(input)) {
      return super.backpropGradient(epsilon, workspaceMgr);
    }
    INDArray src = input.castTo(dataType);
    BatchNorm norm = norm(src);
    boolean known = used != null && forwardInput == input;
    ChannelStatistics ofInput =
        known && batch != null ? batch : kernels.statistics(norm.shape(), src);
    INDArray diffSrc =
        workspaceMgr.createUninitialized(ArrayType.ACTIVATION_GRAD, dataType, src.shape(), 'c');
    BatchNormGradient found =
        kernels.batchNormBackward(
            norm,
            src,
            epsilon.castTo(dataType),
            readAs,
            known ? used : ofInput,
            ofInput.mean(),
            backwardGamma(),
            diffSrc,
            sumsGradient);
    Gradient gradient = new DefaultGradient();
    if (!layerConf().isLockGammaBeta()) {
      setGradient(gradient, BatchNormalizationParamInitializer.GAMMA, found.gamma());
      setGradient(gradient, BatchNormalizationParamInitializer.BETA, found.beta());
    }
    setRunningGradients(gradient, ofInput);
    KnownGradient handedOn = keepsGradient ? new KnownGradient(diffSrc, found.diffSrc()) : null;
    release();
    kept = handedOn;
    return new Pair<>(gradient, diffSrc);
  }

  /** DL4J's own code refuses or computes the rest, as for recurrent layers. */
  private static boolean isSupported(INDArray x) {
    return x.rank() == 2 || x.rank() == 4;
  }

  private BatchNorm norm(INDArray x) {
    int axis = x.rank() == 4 && layerConf().getCnn2DFormat() == CNN2DFormat.NHWC ? 3 : 1;
    if (x.size(axis) != layerConf().getNOut()) {
      throw new IllegalArgumentException(
          "input: expected %d channels along axis %d, got shape %s (layer %s)"
              .formatted(
                  layerConf().getNOut(),
                  axis,
                  Arrays.toString(x.shape()),
                  layerConf().getLayerName()));
    }
    return new BatchNorm(ChannelShape.of(x.shape(), axis), layerConf().getEps());
  }

  private ChannelStatistics running() {
    float[] mean = FloatArrays.read(getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN));
    float[] spread = FloatArrays.read(getParam(spreadKey()));
    if (layerConf().isUseLogStd()) {
      for (int c = 0; c < spread.length; c++) {
        spread[c] = (float) varianceOf(spread[c]);
      }
    }
    return new ChannelStatistics(mean, spread);
  }

  /** From log10 of the standard deviation. */
  private static double varianceOf(float log10Deviation) {
    return Math.exp(2 * LN_10 * log10Deviation);
  }

  private String spreadKey() {
    return layerConf().isUseLogStd()
        ? BatchNormalizationParamInitializer.GLOBAL_LOG_STD
        : BatchNormalizationParamInitializer.GLOBAL_VAR;
  }

  private void setRunningGradients(Gradient gradient, ChannelStatistics ofInput) {
    float[] mean = FloatArrays.read(getParam(BatchNormalizationParamInitializer.GLOBAL_MEAN));
    float[] spread = FloatArrays.read(getParam(spreadKey()));
    double decay = layerConf().getDecay();
    for (int c = 0; c < mean.length; c++) {
      mean[c] = (float) ((1 - decay) * ((double) mean[c] - ofInput.mean()[c]));
      double variance = ofInput.variance()[c];
      if (layerConf().isUseLogStd()) {
        double now = varianceOf(spread[c]);
        double next = decay * now + (1 - decay) * variance;
        spread[c] = (float) (Math.log(now / next) / (2 * LN_10));
      } else {
        spread[c] = (float) ((1 - decay) * (spread[c] - variance));
      }
    }
    setGradient(gradient, BatchNormalizationParamInitializer.GLOBAL_MEAN, mean);
    setGradient(gradient, spreadKey(), spread);
  }

  private void setGradient(Gradient gradient, String key, float[] values) {
    INDArray view = gradientViews.get(key);
    FloatArrays.write(view, values);
    gradient.setGradientFor(key, view);
  }

  private float[] forwardGamma() {
    if (!layerConf().isLockGammaBeta()) {
      return FloatArrays.read(getParam(BatchNormalizationParamInitializer.GAMMA));
    }
    return constant(isLockApplied() ? layerConf().getGamma() : 1);
  }

  private float[] forwardBeta() {
    if (!layerConf().isLockGammaBeta()) {
      return FloatArrays.read(getParam(BatchNormalizationParamInitializer.BETA));
    }
    return constant(isLockApplied() ? layerConf().getBeta() : 0);
  }

  private float[] backwardGamma() {
    return layerConf().isLockGammaBeta()
        ? constant(layerConf().getGamma())
        : FloatArrays.read(getParam(BatchNormalizationParamInitializer.GAMMA));
  }

  /** DL4J's forward pass, unlike its backward pass, leaves both out where either is the default. */
  private boolean isLockApplied() {
    return layerConf().getGamma() != 1 && layerConf().getBeta() != 0;
  }

  private float[] constant(double value) {
    float[] values = new float[Math.toIntExact(layerConf().getNOut())];
    Arrays.fill(values, (float) value);
    return values;
  }

  @Override
  public void clear() {
    super.clear();
    release();
  }

  private void release() {
    used = null;
    batch = null;
    forwardInput = null;
    readAs = Pointwise.IDENTITY;
    keepsGradient = false;
    sumsGradient = false;
    kept = null;
  }
}
