package org.dfp4j.layers;

import org.deeplearning4j.nn.conf.layers.BaseRecurrentLayer;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.CenterLossOutputLayer;
import org.deeplearning4j.nn.conf.layers.ConvolutionLayer;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingLayer;
import org.deeplearning4j.nn.conf.layers.EmbeddingSequenceLayer;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.PReLULayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.conf.layers.misc.ElementWiseMultiplicationLayer;
import org.deeplearning4j.nn.conf.layers.objdetect.Yolo2OutputLayer;
import org.deeplearning4j.nn.conf.layers.recurrent.Bidirectional;
import org.deeplearning4j.nn.conf.layers.samediff.AbstractSameDiffLayer;
import org.deeplearning4j.nn.conf.layers.wrapper.BaseWrapperLayer;
import org.dfp4j.layers.conf.Dfp16Layers;

/** Why a layer without a DFP-16 form stays what it is. */
final class Reasons {

  private Reasons() {}

  /** The reason, for a layer that {@link Dfp16Layers#supports} does not name. */
  static String of(Layer layer) {
    String type = Wrappers.typeOf(layer);
    if (layer instanceof BatchNormalization) {
      return "batch normalization stays FP32";
    }
    if (layer instanceof BaseRecurrentLayer || layer instanceof Bidirectional) {
      return "recurrent layers have no DFP-16 form";
    }
    if (layer instanceof EmbeddingLayer || layer instanceof EmbeddingSequenceLayer) {
      return "looks up rows, no product";
    }
    if (layer instanceof PReLULayer || layer instanceof ElementWiseMultiplicationLayer) {
      return "works element by element, no product";
    }
    if (layer instanceof Yolo2OutputLayer || (type.contains("Loss") && !hasWeights(layer))) {
      return "loss stays FP32";
    }
    if (Dfp16Layers.padsByLessThanNothing(layer)) {
      return "pads by a negative number: Same mode, and a stride larger than the kernel";
    }
    if (layer instanceof RnnOutputLayer) {
      return "head of recurrent layers, which stay FP32";
    }
    if (layer instanceof CenterLossOutputLayer) {
      return "its output product and its class centers are one step of DL4J's, in FP32";
    }
    if (layer instanceof AbstractSameDiffLayer) {
      return "SameDiff layers have no DFP-16 form";
    }
    if (layer instanceof BaseWrapperLayer wrapper) {
      return "wraps " + Wrappers.typeOf(wrapper.getUnderlying()) + " in a way not known here";
    }
    if (!hasWeights(layer)) {
      return "has no weights, no product";
    }
    String stock = supportedParent(layer);
    return stock == null || layer.getClass().getName().startsWith("org.deeplearning4j.")
        ? type + " has no DFP-16 form"
        : "subclass of " + stock + "; may compute something else, so only that class is swapped";
  }

  private static boolean hasWeights(Layer layer) {
    return !layer.initializer().paramKeys(layer).isEmpty();
  }

  private static String supportedParent(Layer layer) {
    if (layer instanceof ConvolutionLayer) {
      return "ConvolutionLayer";
    }
    if (layer instanceof DenseLayer) {
      return "DenseLayer";
    }
    return layer instanceof OutputLayer ? "OutputLayer" : null;
  }
}
