package org.dfp4j.backend.nd4j;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Which of ND4J's own ops run in DFP-16.
 *
 * @param precision of the ops that can be swapped
 * @param excluded names of ops, and of SameDiff ops and variables, that stay FP32: {@code conv2d}
 *     excludes {@code conv2d_bp} too; a variable excludes the ops that read or write it
 * @param minProducts an op that multiplies fewer pairs of numbers than this stays FP32
 */
public record SwapPolicy(Precision precision, Set<String> excluded, long minProducts) {

  /** System property: {@code fp32} (the default) or {@code dfp16}. */
  public static final String PRECISION_PROPERTY = "dfp.precision";

  /** System property: names of ops and SameDiff variables, separated by commas. */
  public static final String EXCLUDE_PROPERTY = "dfp.precision.exclude";

  /** System property: {@link #minProducts()}; default 0. */
  public static final String MIN_PRODUCTS_PROPERTY = "dfp.precision.minProducts";

  /** ND4J as it is. */
  public static final SwapPolicy FP32 = new SwapPolicy(Precision.FP32, Set.of(), 0);

  /** Everything that can be swapped. */
  public static final SwapPolicy DFP16 = new SwapPolicy(Precision.DFP16, Set.of(), 0);

  /** What the products of an op are computed in. */
  public enum Precision {
    /** ND4J's own FP32. */
    FP32,
    /** 16-bit integers that share an exponent. */
    DFP16;

    /** The value of the property: {@code fp32} or {@code dfp16}. */
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public SwapPolicy {
    excluded = Set.copyOf(excluded);
    if (minProducts < 0) {
      throw new IllegalArgumentException(
          MIN_PRODUCTS_PROPERTY + ": expected >= 0, got " + minProducts);
    }
  }

  /** The same, but ops of these names and of these SameDiff variables stay FP32. */
  public SwapPolicy excluding(String... names) {
    return new SwapPolicy(precision, Set.of(names), minProducts);
  }

  /** The same, but ops of fewer products stay FP32. */
  public SwapPolicy atLeast(long products) {
    return new SwapPolicy(precision, excluded, products);
  }

  /** Whether any op is swapped. */
  public boolean isOn() {
    return precision == Precision.DFP16;
  }

  /** Of this process. */
  static SwapPolicy ofProcess() {
    return of(System::getProperty);
  }

  /** Empty values count as not set. */
  static SwapPolicy of(UnaryOperator<String> properties) {
    String exclude = trimmed(properties.apply(EXCLUDE_PROPERTY));
    Set<String> names =
        Arrays.stream(exclude.split(",", -1))
            .map(String::trim)
            .filter(name -> !name.isEmpty())
            .collect(Collectors.toSet());
    return new SwapPolicy(
        precision(trimmed(properties.apply(PRECISION_PROPERTY))),
        names,
        products(trimmed(properties.apply(MIN_PRODUCTS_PROPERTY))));
  }

  private static String trimmed(String value) {
    return value == null ? "" : value.trim();
  }

  private static Precision precision(String value) {
    if (value.isEmpty()) {
      return Precision.FP32;
    }
    for (Precision precision : Precision.values()) {
      if (precision.key().equals(value)) {
        return precision;
      }
    }
    List<String> known = Arrays.stream(Precision.values()).map(Precision::key).toList();
    throw new IllegalArgumentException(
        PRECISION_PROPERTY + ": expected one of " + String.join(" ", known) + ", got " + value);
  }

  private static long products(String value) {
    try {
      return value.isEmpty() ? 0 : Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          MIN_PRODUCTS_PROPERTY + ": expected a whole number, got " + value, e);
    }
  }

  /** {@code dfp.precision=dfp16 dfp.precision.exclude=matmul}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(PRECISION_PROPERTY + "=" + precision.key());
    if (!excluded.isEmpty()) {
      text.append(' ').append(EXCLUDE_PROPERTY).append('=');
      text.append(String.join(",", new TreeSet<>(excluded)));
    }
    if (minProducts > 0) {
      text.append(' ').append(MIN_PRODUCTS_PROPERTY).append('=').append(minProducts);
    }
    return text.toString();
  }
}
