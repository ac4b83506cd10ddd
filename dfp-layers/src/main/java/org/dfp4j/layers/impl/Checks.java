package org.dfp4j.layers.impl;

import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.nd4j.linalg.api.buffer.DataType;

/** Checks of a layer's construction. */
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
}
