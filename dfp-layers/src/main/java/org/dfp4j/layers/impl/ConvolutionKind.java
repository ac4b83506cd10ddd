package org.dfp4j.layers.impl;

import java.util.List;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.common.primitives.Pair;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What {@link ConvolutionProducts} needs of one kind of convolution: what differs from kind to
 * kind, and what DL4J lets a subclass of its layer do only.
 */
interface ConvolutionKind {

  /** Order of the dimensions of activations. */
  Layout layout();

  /** The convolutions that the layer is a chain of; nearly always one. */
  List<Step> steps();

  /** The parameter of the given name, as DL4J's layer uses it. */
  INDArray parameter(String name, boolean training, LayerWorkspaceMgr workspaceMgr);

  /** The gradient of the parameter of the given name, as DL4J stores it. */
  INDArray gradientView(String name);

  /** The pre-activation in training. */
  INDArray z(LayerWorkspaceMgr workspaceMgr);

  /** DL4J's backward pass. */
  Pair<Gradient, INDArray> stockBackprop(INDArray epsilon, LayerWorkspaceMgr workspaceMgr);

  /** Takes the gradient by the layer's input through its dropout, and forgets weight noise. */
  INDArray finish(INDArray diffSrc);

  /** One convolution with one weight tensor. Arrays are in the kernels' order of dimensions. */
  interface Step {

    /** What messages add to the layer's name; nothing where there is one step. */
    default String part() {
      return "";
    }

    /** Name of the weights among the parameters. */
    default String weights() {
      return DefaultParamInitializer.WEIGHT_KEY;
    }

    /** The view of DL4J's weights, or of their gradient, that the kernels take. */
    default INDArray view(INDArray weights) {
      return weights;
    }

    /** Checks the input and gives the products' dimensions. */
    Geometry geometry(INDArray src, INDArray weights);

    /** The forward product in FP32, of a step that another one follows. */
    default INDArray fp32Forward(INDArray src, INDArray weights) {
      throw new UnsupportedOperationException(
          "fp32Forward: expected a step that another one follows, got the last one");
    }

    /** The gradient by the input in FP32, of a step that follows another one. */
    default INDArray fp32BackwardData(INDArray delta, INDArray weights) {
      throw new UnsupportedOperationException(
          "fp32BackwardData: expected a step that follows another one, got the first one");
    }
  }
}
