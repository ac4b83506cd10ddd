package org.dfp4j.backend.kernels;

import java.util.OptionalInt;
import org.dfp4j.backend.tensor.Quantizer;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Kernels with a name and nothing else. */
final class FakeKernels extends AbstractKernels<Pack> {

  private final String isa;

  FakeKernels(String isa) {
    super(Pack.class);
    this.isa = isa;
  }

  @Override
  public String name() {
    return "native " + isa;
  }

  @Override
  public String isa() {
    return isa;
  }

  @Override
  Pack quantize(
      LayerShape shape, TensorRole role, INDArray x, Quantizer quantizer, OptionalInt guess) {
    throw new UnsupportedOperationException("quantize: expected real kernels, got fake ones");
  }

  @Override
  void multiply(Pass pass, LayerShape shape, Pack first, Pack second, float[] bias, INDArray out) {
    throw new UnsupportedOperationException("multiply: expected real kernels, got fake ones");
  }
}
