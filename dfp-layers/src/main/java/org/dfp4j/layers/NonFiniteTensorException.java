package org.dfp4j.layers;

import org.dfp4j.backend.kernels.TensorRole;

/** A strict layer met a NaN or an infinity in an operand of a DFP-16 product. */
public class NonFiniteTensorException extends ArithmeticException {

  private static final long serialVersionUID = 1L;

  private final String layer;
  private final TensorRole role;
  private final int iteration;

  /**
   * An event.
   *
   * @param layer name of the layer
   * @param role the tensor
   * @param iteration number of parameter updates done
   */
  public NonFiniteTensorException(String layer, TensorRole role, int iteration) {
    super(message(layer, role, iteration));
    this.layer = layer;
    this.role = role;
    this.iteration = iteration;
  }

  /** The one line that the exception and the log carry. */
  public static String message(String layer, TensorRole role, int iteration) {
    return String.format(
        "%s: expected finite values, got a NaN or an infinity (layer %s, iteration %d)",
        word(role), layer, iteration);
  }

  private static String word(TensorRole role) {
    return switch (role) {
      case SRC -> "src";
      case WEIGHTS -> "weights";
      case DIFF_DST -> "diffDst";
    };
  }

  /** Name of the layer. */
  public String layer() {
    return layer;
  }

  /** The tensor that was not finite. */
  public TensorRole role() {
    return role;
  }

  /** Number of parameter updates done. */
  public int iteration() {
    return iteration;
  }
}
