package org.dfp4j.layers.conf;

import java.util.Optional;
import org.dfp4j.backend.pointwise.Rectifier;
import org.nd4j.linalg.activations.IActivation;
import org.nd4j.linalg.activations.impl.ActivationIdentity;
import org.nd4j.linalg.activations.impl.ActivationLReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU;
import org.nd4j.linalg.activations.impl.ActivationReLU6;

/** DL4J's activation functions as the FP32 kernels know them. */
public final class Rectifiers {

  /** The functions, for messages. */
  static final String NAMES = "[relu, leakyrelu, relu6, identity]";

  private static final double RELU6 = 6;

  private Rectifiers() {}

  /** The same function; empty where the kernels have none. */
  public static Optional<Rectifier> of(IActivation function) {
    if (function == null) {
      return Optional.empty();
    }
    // Exactly these classes: a subclass may compute something else.
    if (function.getClass() == ActivationReLU.class) {
      return of((ActivationReLU) function);
    }
    if (function.getClass() == ActivationLReLU.class) {
      return Optional.of(Rectifier.leaky(((ActivationLReLU) function).getAlpha()));
    }
    if (function.getClass() == ActivationReLU6.class) {
      return Optional.of(Rectifier.clipped(RELU6));
    }
    return function.getClass() == ActivationIdentity.class
        ? Optional.of(Rectifier.leaky(1))
        : Optional.empty();
  }

  private static Optional<Rectifier> of(ActivationReLU relu) {
    Double threshold = relu.getThreshold();
    Double slope = relu.getNegativeSlope();
    if (relu.getMax() != null || (threshold != null && threshold != 0)) {
      return Optional.empty();
    }
    // DL4J uses its leaky form as soon as one of the two is given.
    return Optional.of(
        threshold == null && slope == null
            ? Rectifier.RELU
            : Rectifier.leaky(slope == null ? 0 : slope));
  }
}
