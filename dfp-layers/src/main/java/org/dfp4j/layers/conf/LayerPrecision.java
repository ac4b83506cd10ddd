package org.dfp4j.layers.conf;

import java.io.Serializable;
import java.util.Objects;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Quantizer;
import org.dfp4j.backend.tensor.Rounding;
import org.nd4j.shade.jackson.annotation.JsonCreator;
import org.nd4j.shade.jackson.annotation.JsonProperty;

/**
 * How one layer uses DFP-16; saved with the layer's configuration. A saved one that lacks a
 * property is an error: a product must not be switched off because an older version did not know
 * its name.
 *
 * <pre>
 *   dst         = src     ⊛ weights     forward
 *   diffSrc     = diffDst ⊛ weightsᵀ    backwardData
 *   diffWeights = src     ⊛ diffDst     backwardWeights
 * </pre>
 *
 * <p>A product that is off is computed by DL4J in FP32.
 *
 * @param forward whether the forward product runs in DFP-16
 * @param backwardData whether the gradient by the input is a DFP-16 product
 * @param backwardWeights whether the gradient by the weights is a DFP-16 product
 * @param src rounding of the input activations
 * @param weights rounding of the weights
 * @param diffDst rounding of the gradient by the output
 * @param headroom unused top bits of the mantissas, 0 to 2
 * @param seed of {@link Rounding#STOCHASTIC}; each layer, tensor and iteration draws other numbers
 * @param strict whether a NaN or an infinity in an operand is an exception
 */
public record LayerPrecision(
    @JsonProperty(value = "forward", required = true) boolean forward,
    @JsonProperty(value = "backwardData", required = true) boolean backwardData,
    @JsonProperty(value = "backwardWeights", required = true) boolean backwardWeights,
    @JsonProperty(value = "src", required = true) Rounding src,
    @JsonProperty(value = "weights", required = true) Rounding weights,
    @JsonProperty(value = "diffDst", required = true) Rounding diffDst,
    @JsonProperty(value = "headroom", required = true) int headroom,
    @JsonProperty(value = "seed", required = true) long seed,
    @JsonProperty(value = "strict", required = true) boolean strict)
    implements Serializable {

  /** All three products, nearest even, all 15 magnitude bits, not strict. */
  public static final LayerPrecision DEFAULT =
      new LayerPrecision(
          true,
          true,
          true,
          Rounding.NEAREST_EVEN,
          Rounding.NEAREST_EVEN,
          Rounding.NEAREST_EVEN,
          0,
          0,
          false);

  @JsonCreator
  public LayerPrecision {
    Objects.requireNonNull(src, "src: expected a rounding mode, got null");
    Objects.requireNonNull(weights, "weights: expected a rounding mode, got null");
    Objects.requireNonNull(diffDst, "diffDst: expected a rounding mode, got null");
    if (headroom < 0 || headroom > 2) {
      throw new IllegalArgumentException("headroom: expected 0 to 2, got " + headroom);
    }
  }

  /** Whether at least one product runs in DFP-16. */
  public boolean anyProduct() {
    return forward || backwardData || backwardWeights;
  }

  /** Whether both products of the backward pass run in DFP-16. */
  public boolean wholeBackward() {
    return backwardData && backwardWeights;
  }

  /** Rounding of the tensor that plays the given role. */
  public Rounding rounding(TensorRole role) {
    return switch (role) {
      case SRC -> src;
      case WEIGHTS -> weights;
      case DIFF_DST -> diffDst;
    };
  }

  /**
   * The quantizer of one tensor in one iteration. The same arguments give the same quantizer; only
   * stochastic rounding depends on the layer and the iteration.
   *
   * @param role the tensor
   * @param layerIndex the layer's index in its network
   * @param iteration number of parameter updates done
   */
  public Quantizer quantizer(TensorRole role, int layerIndex, int iteration) {
    Rounding rounding = rounding(role);
    if (rounding != Rounding.STOCHASTIC) {
      return new Quantizer(rounding, headroom, 0);
    }
    int tensor =
        switch (role) {
          case SRC -> 1;
          case WEIGHTS -> 2;
          case DIFF_DST -> 3;
        };
    long mixed = mix(mix(mix(seed + tensor) + layerIndex) + iteration);
    return new Quantizer(rounding, headroom, mixed);
  }

  /**
   * The same precision for another part of one layer, whose tensors draw other random numbers.
   *
   * @param stream 0 for this precision itself
   */
  public LayerPrecision withStream(int stream) {
    return new LayerPrecision(
        forward,
        backwardData,
        backwardWeights,
        src,
        weights,
        diffDst,
        headroom,
        stream == 0 ? seed : mix(seed + stream),
        strict);
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): a bijection of 64 bits. */
  private static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
    return b ^ (b >>> 31);
  }
}
