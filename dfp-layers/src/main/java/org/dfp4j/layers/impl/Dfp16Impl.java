package org.dfp4j.layers.impl;

import java.util.Map;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.conf.LayerPrecision;

/** A live layer that runs in DFP-16. */
public interface Dfp16Impl {

  /** How the layer uses DFP-16. */
  LayerPrecision precision();

  /**
   * What the last quantization of each tensor saw; a tensor not quantized yet is absent. Any thread
   * may ask.
   */
  Map<TensorRole, TensorNumerics> numerics();

  /** How long each product took when it was last sampled; others are absent. Any thread may ask. */
  Map<Pass, ProductTime> products();

  /**
   * Asks for samples of one iteration: its {@link #numerics()} will have a {@link
   * QuantizationSample}, and its {@link #products()} are timed. Costs nothing in any other
   * iteration.
   *
   * @param iteration number of parameter updates done before it
   */
  void sampleAt(int iteration);
}
