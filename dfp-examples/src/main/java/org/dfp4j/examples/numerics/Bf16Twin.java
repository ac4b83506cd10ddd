package org.dfp4j.examples.numerics;

import java.io.Serial;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.dropout.IDropout;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.conf.layers.BaseOutputLayer;
import org.deeplearning4j.nn.conf.weightnoise.IWeightNoise;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.dfp4j.backend.kernels.FloatArrays;
import org.dfp4j.layers.conf.Dfp16Layers;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.lossfunctions.ILossFunction;

/**
 * Makes the layers of an FP32 network that DFP-16 would swap compute with BF16 operands and FP32
 * sums: {@code src}, {@code weights} and {@code diffDst} are rounded where DL4J lets one change
 * them. The network can neither be saved nor cloned, and must have no dropout and no weight noise.
 */
final class Bf16Twin {

  private Bf16Twin() {}

  /** Changes these layers' configurations. */
  static void convert(Iterable<Layer> layers) {
    for (Layer layer : layers) {
      if (Dfp16Layers.supports(layer.conf().getLayer())) {
        BaseLayer conf = (BaseLayer) layer.conf().getLayer();
        conf.setIDropout(new RoundedSrc());
        conf.setWeightNoise(new RoundedWeights());
        if (conf instanceof BaseOutputLayer output) {
          output.setLossFn(new RoundedLoss(output.getLossFn()));
        } else {
          conf.setActivationFn(new RoundedActivation(conf.getActivationFn()));
        }
      }
    }
  }

  private static INDArray round(INDArray from, INDArray to) {
    FloatArrays.write(to, Bf16.round(FloatArrays.read(from)));
    return to;
  }

  /** Rounds a layer's input; its gradient passes. */
  private static final class RoundedSrc implements IDropout {

    @Serial private static final long serialVersionUID = 1L;

    @Override
    public INDArray applyDropout(
        INDArray input, INDArray result, int iteration, int epoch, LayerWorkspaceMgr workspaces) {
      return round(input, result);
    }

    @Override
    public INDArray backprop(
        INDArray gradAtOutput, INDArray gradAtInput, int iteration, int epoch) {
      return gradAtInput == gradAtOutput ? gradAtInput : gradAtInput.assign(gradAtOutput);
    }

    @Override
    public void clear() {
      // Nothing is kept.
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod") // an interface without a state
    public IDropout clone() {
      return new RoundedSrc();
    }
  }

  /** Rounds weights, not biases. */
  private static final class RoundedWeights implements IWeightNoise {

    @Serial private static final long serialVersionUID = 1L;

    @Override
    public INDArray getParameter(
        Layer layer,
        String key,
        int iteration,
        int epoch,
        boolean train,
        LayerWorkspaceMgr workspaces) {
      INDArray parameter = layer.getParam(key);
      boolean rounded =
          layer.conf().getLayer().initializer().isWeightParam(layer.conf().getLayer(), key);
      return rounded ? round(parameter, parameter.ulike()) : parameter;
    }

    @Override
    @SuppressWarnings("MethodDoesntCallSuperMethod") // an interface without a state
    public IWeightNoise clone() {
      return new RoundedWeights();
    }
  }

  /** Rounds the gradient by the layer's product. */
  private record RoundedActivation(IActivation function) implements IActivation {

    @Override
    public INDArray getActivation(INDArray in, boolean training) {
      return function.getActivation(in, training);
    }

    @Override
    public Pair<INDArray, INDArray> backprop(INDArray in, INDArray epsilon) {
      Pair<INDArray, INDArray> gradients = function.backprop(in, epsilon);
      round(gradients.getFirst(), gradients.getFirst());
      return gradients;
    }

    @Override
    public int numParams(int inputSize) {
      return function.numParams(inputSize);
    }
  }

  /** Rounds the gradient by the output layer's product. */
  private record RoundedLoss(ILossFunction loss) implements ILossFunction {

    @Override
    public double computeScore(
        INDArray labels, INDArray output, IActivation function, INDArray mask, boolean average) {
      return loss.computeScore(labels, output, function, mask, average);
    }

    @Override
    public INDArray computeScoreArray(
        INDArray labels, INDArray output, IActivation function, INDArray mask) {
      return loss.computeScoreArray(labels, output, function, mask);
    }

    @Override
    public INDArray computeGradient(
        INDArray labels, INDArray output, IActivation function, INDArray mask) {
      INDArray gradient = loss.computeGradient(labels, output, function, mask);
      return round(gradient, gradient);
    }

    @Override
    public Pair<Double, INDArray> computeGradientAndScore(
        INDArray labels, INDArray output, IActivation function, INDArray mask, boolean average) {
      Pair<Double, INDArray> both =
          loss.computeGradientAndScore(labels, output, function, mask, average);
      round(both.getSecond(), both.getSecond());
      return both;
    }

    @Override
    public String name() {
      return loss.name();
    }
  }
}
