package org.dfp4j.layers;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.dfp4j.backend.kernels.TensorRole;
import org.dfp4j.backend.tensor.Rounding;
import org.dfp4j.layers.conf.LayerPrecision;

/**
 * Which layers run in DFP-16, and how. A layer runs in DFP-16 where it matches an include rule (or
 * there is none), matches no exclude rule, and at least one product is on.
 *
 * <p>Other layers stay FP32. Some of them have kernels here that compute the same in less time; the
 * rules do not concern these.
 *
 * <p>Rules are applied when a network is converted; the layers keep only the precision.
 *
 * @param name for reports
 * @param precision of the layers that run in DFP-16
 * @param include rules of which one must pick the layer; empty for all layers
 * @param exclude rules of which none may pick the layer
 * @param fp32Kernels whether layers that stay FP32 run on this project's kernels where it has some
 */
public record PrecisionPolicy(
    String name,
    LayerPrecision precision,
    List<LayerRule> include,
    List<LayerRule> exclude,
    boolean fp32Kernels) {

  /** Everything in FP32: stock DL4J, its speed and its accuracy. */
  public static final PrecisionPolicy FP32 =
      builder()
          .name("FP32")
          .forward(false)
          .backwardData(false)
          .backwardWeights(false)
          .fp32Kernels(false)
          .build();

  /**
   * Every convolution, fully connected and output layer in DFP-16 with all 15 magnitude bits:
   * relative rounding error of each operand at most 2^-15 of its tensor's largest value.
   */
  public static final PrecisionPolicy DFP16 = builder().name("DFP16").build();

  /**
   * As published in 2018: 13 magnitude bits, first convolution and classifier in FP32. Rounding
   * errors are four times those of {@link #DFP16} and no product is faster; for comparison.
   */
  public static final PrecisionPolicy PAPER =
      builder()
          .name("PAPER")
          .headroom(2)
          .exclude("first convolution", LayerSite::firstConvolution)
          .exclude("classifier", LayerSite::classifier)
          .build();

  public PrecisionPolicy {
    Objects.requireNonNull(name, "name: expected one, got null");
    Objects.requireNonNull(precision, "precision: expected one, got null");
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /** Starts from {@link #DFP16}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Why a layer that could run in DFP-16 stays in FP32; empty where it does not. */
  public Optional<String> reasonToKeep(LayerSite site) {
    if (!precision.anyProduct()) {
      return Optional.of("policy " + name + ": all three products are off");
    }
    if (!include.isEmpty() && include.stream().noneMatch(rule -> rule.test().test(site))) {
      return Optional.of("policy " + name + ": not included");
    }
    return exclude.stream()
        .filter(rule -> rule.test().test(site))
        .findFirst()
        .map(rule -> "policy " + name + ": excluded, " + rule.description());
  }

  /** Builds a policy; each method replaces the default that it names. */
  public static final class Builder {

    private final List<LayerRule> include = new ArrayList<>();
    private final List<LayerRule> exclude = new ArrayList<>();
    private final Map<TensorRole, Rounding> rounding = new EnumMap<>(TensorRole.class);
    private String name = "custom";
    private boolean forward = true;
    private boolean backwardData = true;
    private boolean backwardWeights = true;
    private int headroom;
    private long seed;
    private boolean strict;
    private boolean fp32Kernels = true;

    private Builder() {
      rounding(Rounding.NEAREST_EVEN);
    }

    /** The name in reports; {@code custom} by default. */
    public Builder name(String value) {
      name = value;
      return this;
    }

    /**
     * Only layers with one of these names, as {@link LayerRule#name(String)} reads them; adds to
     * earlier calls.
     */
    public Builder include(String... patterns) {
      for (String pattern : patterns) {
        include.add(LayerRule.name(pattern));
      }
      return this;
    }

    /** Only layers that the predicate picks; adds to earlier calls. */
    public Builder include(String description, Predicate<LayerSite> test) {
      include.add(new LayerRule(description, test));
      return this;
    }

    /** No layer with one of these names; adds to earlier calls. */
    public Builder exclude(String... patterns) {
      for (String pattern : patterns) {
        exclude.add(LayerRule.name(pattern));
      }
      return this;
    }

    /** No layer that the predicate picks; adds to earlier calls. */
    public Builder exclude(String description, Predicate<LayerSite> test) {
      exclude.add(new LayerRule(description, test));
      return this;
    }

    /** Whether the forward product runs in DFP-16. */
    public Builder forward(boolean on) {
      forward = on;
      return this;
    }

    /** Whether the gradient by the input is a DFP-16 product. */
    public Builder backwardData(boolean on) {
      backwardData = on;
      return this;
    }

    /** Whether the gradient by the weights is a DFP-16 product. */
    public Builder backwardWeights(boolean on) {
      backwardWeights = on;
      return this;
    }

    /** Rounding of all three tensors. */
    public Builder rounding(Rounding mode) {
      for (TensorRole role : TensorRole.values()) {
        rounding(role, mode);
      }
      return this;
    }

    /** Rounding of one tensor. */
    public Builder rounding(TensorRole role, Rounding mode) {
      rounding.put(role, mode);
      return this;
    }

    /** Unused top bits of the mantissas, 0 to 2. */
    public Builder headroom(int bits) {
      headroom = bits;
      return this;
    }

    /** Seed of stochastic rounding. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /** Whether a NaN or an infinity in an operand is an exception. */
    public Builder strict(boolean on) {
      strict = on;
      return this;
    }

    /** Whether layers that stay FP32 run on this project's kernels where it has some. */
    public Builder fp32Kernels(boolean on) {
      fp32Kernels = on;
      return this;
    }

    /** The policy. */
    public PrecisionPolicy build() {
      LayerPrecision precision =
          new LayerPrecision(
              forward,
              backwardData,
              backwardWeights,
              rounding.get(TensorRole.SRC),
              rounding.get(TensorRole.WEIGHTS),
              rounding.get(TensorRole.DIFF_DST),
              headroom,
              seed,
              strict);
      return new PrecisionPolicy(name, precision, include, exclude, fp32Kernels);
    }
  }
}
