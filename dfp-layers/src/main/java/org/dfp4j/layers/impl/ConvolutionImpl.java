package org.dfp4j.layers.impl;

import java.util.Map;
import org.dfp4j.backend.kernels.Kernels;
import org.dfp4j.backend.kernels.Pass;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.layers.conf.LayerPrecision;

/**
 * A layer whose work {@link ConvolutionProducts} does. DL4J has a base class of its own for each
 * kind of convolution, so that the layers here can share no class.
 */
interface ConvolutionImpl extends Dfp16Impl {

  /** What does the layer's work. */
  ConvolutionProducts convolution();

  /** Lets a test count the products. */
  default void useKernels(Kernels kernels) {
    convolution().useKernels(kernels);
  }

  @Override
  default LayerPrecision precision() {
    return convolution().precision();
  }

  @Override
  default Map<TensorRole, TensorNumerics> numerics() {
    return convolution().numerics();
  }

  @Override
  default Map<Pass, ProductTime> products() {
    return convolution().times();
  }

  @Override
  default void sampleAt(int iteration) {
    convolution().sampleAt(iteration);
  }
}
