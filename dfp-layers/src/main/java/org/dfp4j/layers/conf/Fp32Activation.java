package org.dfp4j.layers.conf;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.ActivationLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.pointwise.Rectifier;
import org.dfp4j.layers.impl.Fp32ActivationImpl;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * An {@link ActivationLayer} on this project's FP32 kernels; for the functions of {@link
 * Rectifiers}.
 */
public class Fp32Activation extends ActivationLayer implements Fp32Layer {

  private static final long serialVersionUID = 1L;

  /** An empty configuration, for JSON. */
  public Fp32Activation() {}

  /**
   * The configuration of a stock layer.
   *
   * @param stock copied, not modified
   */
  public Fp32Activation(ActivationLayer stock) {
    LayerFields.copy(stock, this, ActivationLayer.class);
  }

  @Override
  public ActivationLayer toStock() {
    ActivationLayer stock = new ActivationLayer();
    LayerFields.copy(this, stock, ActivationLayer.class);
    return stock;
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    Rectifier function =
        Rectifiers.of(getActivationFn())
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "activationFn: expected one of %s, got %s (layer %s)"
                            .formatted(Rectifiers.NAMES, getActivationFn(), getLayerName())));
    Fp32ActivationImpl layer =
        new Fp32ActivationImpl(conf, networkDataType, function, Fp32KernelProvider.kernels());
    return Instantiation.complete(layer, conf, listeners, layerIndex, paramsView, initializeParams);
  }

  @Override
  public Fp32Activation clone() {
    return (Fp32Activation) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fp32Activation && super.equals(other);
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof Fp32Activation;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 1;
  }

  @Override
  public String toString() {
    return "Fp32Activation(super=" + super.toString() + ")";
  }
}
