package org.dfp4j.layers.conf;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.LocalResponseNormalization;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.backend.fp32.ResponseNorm;
import org.dfp4j.layers.impl.Fp32ResponseNormImpl;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link LocalResponseNormalization} on this project's FP32 kernels, for exponents that {@link
 * ResponseNorm} takes: multiples of 0.25.
 */
public class Fp32ResponseNorm extends LocalResponseNormalization implements Fp32Layer {

  private static final long serialVersionUID = 1L;

  /** An empty configuration, for JSON. */
  public Fp32ResponseNorm() {}

  /**
   * The configuration of a stock layer.
   *
   * @param stock copied, not modified
   */
  public Fp32ResponseNorm(LocalResponseNormalization stock) {
    LayerFields.copy(stock, this, LocalResponseNormalization.class);
  }

  /** Whether there are kernels for the layer's settings. */
  static boolean supports(LocalResponseNormalization stock) {
    return stock.getN() >= 0 && ResponseNorm.supports(stock.getBeta());
  }

  @Override
  public LocalResponseNormalization toStock() {
    LocalResponseNormalization stock = new LocalResponseNormalization();
    LayerFields.copy(this, stock, LocalResponseNormalization.class);
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
    // DL4J counts the neighbours of one side in integers.
    ResponseNorm norm = new ResponseNorm((int) getN() / 2, getK(), getAlpha(), getBeta());
    Fp32ResponseNormImpl layer =
        new Fp32ResponseNormImpl(conf, networkDataType, norm, Fp32KernelProvider.responseNorms());
    return Instantiation.complete(layer, conf, listeners, layerIndex, paramsView, initializeParams);
  }

  @Override
  public Fp32ResponseNorm clone() {
    return (Fp32ResponseNorm) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fp32ResponseNorm && super.equals(other);
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof Fp32ResponseNorm;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 1;
  }

  @Override
  public String toString() {
    return "Fp32ResponseNorm(super=" + super.toString() + ")";
  }
}
