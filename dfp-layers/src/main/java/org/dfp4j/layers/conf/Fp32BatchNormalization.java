package org.dfp4j.layers.conf;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.BatchNormalization;
import org.deeplearning4j.nn.conf.layers.LayerValidation;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.layers.impl.Fp32BatchNormImpl;
import org.dfp4j.layers.update.Updates;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;

/** A {@link BatchNormalization} on this project's FP32 kernels. */
public class Fp32BatchNormalization extends BatchNormalization implements Fp32Layer {

  private static final long serialVersionUID = 1L;

  /** An empty configuration, for JSON. */
  public Fp32BatchNormalization() {}

  /**
   * The configuration of a stock layer.
   *
   * @param stock copied, not modified
   */
  public Fp32BatchNormalization(BatchNormalization stock) {
    LayerFields.copy(stock, this, BatchNormalization.class);
  }

  @Override
  public BatchNormalization toStock() {
    BatchNormalization stock = new BatchNormalization();
    LayerFields.copy(this, stock, BatchNormalization.class);
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
    LayerValidation.assertNOutSet("Fp32BatchNormalization", getLayerName(), layerIndex, getNOut());
    Fp32BatchNormImpl layer =
        new Fp32BatchNormImpl(conf, networkDataType, Fp32KernelProvider.kernels());
    return Instantiation.complete(layer, conf, listeners, layerIndex, paramsView, initializeParams);
  }

  @Override
  public Fp32BatchNormalization clone() {
    return (Fp32BatchNormalization) super.clone();
  }

  @Override
  public IUpdater getUpdaterByParam(String paramName) {
    return Updates.of(super.getUpdaterByParam(paramName));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fp32BatchNormalization && super.equals(other);
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof Fp32BatchNormalization;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 1;
  }

  @Override
  public String toString() {
    return "Fp32BatchNormalization(super=" + super.toString() + ")";
  }
}
