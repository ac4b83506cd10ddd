package org.dfp4j.backend.kernels;

import java.util.List;
import java.util.function.UnaryOperator;

/**
 * What the user asked for: which implementation, and how far up the table of instruction sets.
 *
 * @param kernels {@code auto}, {@code native} or {@code java}
 * @param maxIsa the best row to use; null for no cap
 * @param maxIsaSource the property or variable that set the cap; null for no cap
 */
record KernelSettings(String kernels, String maxIsa, String maxIsaSource) {

  /** System property: {@code auto}, {@code native} or {@code java}. */
  static final String KERNELS_PROPERTY = "dfp.kernels";

  /** System property: the cap. Wins over the environment variable. */
  static final String MAX_ISA_PROPERTY = "dfp.maxIsa";

  /** Environment variable: the cap. */
  static final String MAX_ISA_VARIABLE = "DFP_MAX_ISA";

  static final String AUTO = "auto";
  static final String NATIVE = "native";
  static final String JAVA = "java";

  /** The lowest instruction set: plain Java. */
  static final String SCALAR = "scalar";

  private static final List<String> IMPLEMENTATIONS = List.of(AUTO, NATIVE, JAVA);
  private static final List<String> ISAS = List.of(SCALAR, "avx2", "avx512vnni", "amxint8");

  KernelSettings {
    check(KERNELS_PROPERTY, IMPLEMENTATIONS, kernels);
    if (maxIsa != null) {
      check(maxIsaSource, ISAS, maxIsa);
    }
  }

  private static void check(String name, List<String> known, String value) {
    if (!known.contains(value)) {
      throw new IllegalArgumentException(
          name + ": expected one of " + String.join(" ", known) + ", got " + value);
    }
  }

  /** Of this process. */
  static KernelSettings ofProcess() {
    return of(System::getProperty, System::getenv);
  }

  /** Empty values count as not set. */
  static KernelSettings of(UnaryOperator<String> properties, UnaryOperator<String> environment) {
    String kernels = trimmed(properties.apply(KERNELS_PROPERTY));
    String property = trimmed(properties.apply(MAX_ISA_PROPERTY));
    String variable = trimmed(environment.apply(MAX_ISA_VARIABLE));
    String maxIsa = property != null ? property : variable;
    String source = property != null ? MAX_ISA_PROPERTY : MAX_ISA_VARIABLE;
    return new KernelSettings(
        kernels == null ? AUTO : kernels, maxIsa, maxIsa == null ? null : source);
  }

  private static String trimmed(String value) {
    return value == null || value.isBlank() ? null : value.trim();
  }

  /** {@code dfp.maxIsa=avx2}; empty where there is no cap. */
  String cap() {
    return maxIsa == null ? "" : maxIsaSource + "=" + maxIsa;
  }
}
