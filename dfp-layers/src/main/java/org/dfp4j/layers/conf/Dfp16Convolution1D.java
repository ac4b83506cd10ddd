package org.dfp4j.layers.conf;

import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.Convolution1D;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.layers.impl.Dfp16Convolution1DImpl;
import org.dfp4j.layers.update.Updates;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/** A {@link Convolution1D} that runs in DFP-16. */
public class Dfp16Convolution1D extends Convolution1D implements Dfp16Layer {

  private static final long serialVersionUID = 1L;

  @JsonProperty("precision")
  private LayerPrecision precision = LayerPrecision.DEFAULT;

  /** An empty configuration, for JSON. */
  public Dfp16Convolution1D() {}

  /**
   * The configuration of a stock layer, in DFP-16.
   *
   * @param stock copied, not modified
   * @param precision how DFP-16 is used
   */
  public Dfp16Convolution1D(Convolution1D stock, LayerPrecision precision) {
    this.precision = Objects.requireNonNull(precision, "precision: expected one, got null");
    LayerFields.copy(stock, this, Convolution1D.class);
  }

  @Override
  public LayerPrecision getPrecision() {
    return precision;
  }

  @Override
  public Layer instantiate(
      NeuralNetConfiguration conf,
      Collection<TrainingListener> listeners,
      int layerIndex,
      INDArray paramsView,
      boolean initializeParams,
      DataType networkDataType) {
    return Instantiation.of(
        Dfp16Convolution1DImpl::new,
        this,
        precision,
        conf,
        listeners,
        layerIndex,
        paramsView,
        initializeParams,
        networkDataType);
  }

  @Override
  public IUpdater getUpdaterByParam(String paramName) {
    return Updates.of(super.getUpdaterByParam(paramName));
  }

  @Override
  public List<Regularization> getRegularizationByParam(String paramName) {
    return Updates.of(super.getRegularizationByParam(paramName));
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Dfp16Convolution1D that
        && super.equals(that)
        && precision.equals(that.precision);
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof Dfp16Convolution1D;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + precision.hashCode();
  }

  @Override
  public String toString() {
    return "Dfp16Convolution1D(super=" + super.toString() + ", precision=" + precision + ")";
  }
}
