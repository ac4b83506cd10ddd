package org.dfp4j.layers.impl;

import java.util.Arrays;
import org.deeplearning4j.exception.DL4JInvalidInputException;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Checks of a layer's construction and input. */
final class Checks {

  private Checks() {}

  /**
   * The data type, if DFP-16 can read it.
   *
   * @throws IllegalArgumentException if it is not {@link DataType#FLOAT}
   */
  static DataType isFloat(DataType dataType, NeuralNetConfiguration conf) {
    return isFloat(dataType, conf, "; DFP-16 reads FP32");
  }

  /**
   * The data type, if the FP32 kernels can read it.
   *
   * @throws IllegalArgumentException if it is not {@link DataType#FLOAT}
   */
  static DataType isFp32(DataType dataType, NeuralNetConfiguration conf) {
    return isFloat(dataType, conf, "; the kernels are for FP32");
  }

  private static DataType isFloat(DataType dataType, NeuralNetConfiguration conf, String reason) {
    if (dataType != DataType.FLOAT) {
      throw new IllegalArgumentException(
          String.format(
              "dataType: expected FLOAT, got %s (layer %s)%s",
              dataType, conf.getLayer().getLayerName(), reason));
    }
    return dataType;
  }

  /** The error of an input that does not fit the layer. */
  static DL4JInvalidInputException badInput(Layer layer, String expected, INDArray input) {
    return new DL4JInvalidInputException(
        String.format(
            "input: expected %s, got %s (layer %s)",
            expected, Arrays.toString(input.shape()), layer.conf().getLayer().getLayerName()));
  }

  /** Checks the number of input channels, the second dimension. */
  static void channels(Layer layer, long expected, INDArray src) {
    if (src.size(1) != expected) {
      throw new DL4JInvalidInputException(
          String.format(
              "input: expected %d channels, got %d (layer %s)",
              expected, src.size(1), layer.conf().getLayer().getLayerName()));
    }
  }
}
