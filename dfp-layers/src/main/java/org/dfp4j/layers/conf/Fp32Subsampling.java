package org.dfp4j.layers.conf;

import java.util.Collection;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.ConvolutionMode;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.SubsamplingLayer;
import org.deeplearning4j.optimize.api.TrainingListener;
import org.dfp4j.backend.fp32.Fp32KernelProvider;
import org.dfp4j.layers.impl.Fp32SubsamplingImpl;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A {@link SubsamplingLayer} on this project's FP32 kernels: max and average pooling without
 * dilation, with less padding than kernel.
 */
public class Fp32Subsampling extends SubsamplingLayer implements Fp32Layer {

  private static final long serialVersionUID = 1L;

  /** An empty configuration, for JSON. */
  public Fp32Subsampling() {}

  /**
   * The configuration of a stock layer.
   *
   * @param stock copied, not modified
   */
  public Fp32Subsampling(SubsamplingLayer stock) {
    LayerFields.copy(stock, this, SubsamplingLayer.class);
  }

  /** Whether there are kernels for the layer's settings. */
  static boolean supports(SubsamplingLayer stock) {
    boolean same = stock.getConvolutionMode() == ConvolutionMode.Same;
    boolean fits = stock.getConvolutionMode() != ConvolutionMode.Causal;
    for (int i = 0; i < 2; i++) {
      fits &= stock.getDilation()[i] == 1;
      fits &= same || stock.getPadding()[i] < stock.getKernelSize()[i];
    }
    return switch (stock.getPoolingType()) {
      case MAX, AVG -> fits;
      case SUM, PNORM -> false;
    };
  }

  @Override
  public SubsamplingLayer toStock() {
    SubsamplingLayer stock = new SubsamplingLayer();
    LayerFields.copy(this, stock, SubsamplingLayer.class);
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
    Fp32SubsamplingImpl layer =
        new Fp32SubsamplingImpl(conf, networkDataType, Fp32KernelProvider.pools());
    return Instantiation.complete(layer, conf, listeners, layerIndex, paramsView, initializeParams);
  }

  @Override
  public Fp32Subsampling clone() {
    return (Fp32Subsampling) super.clone();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fp32Subsampling && super.equals(other);
  }

  @Override
  protected boolean canEqual(Object other) {
    return other instanceof Fp32Subsampling;
  }

  @Override
  public int hashCode() {
    return 31 * super.hashCode() + 1;
  }

  @Override
  public String toString() {
    return "Fp32Subsampling(super=" + super.toString() + ")";
  }
}
