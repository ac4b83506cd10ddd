package org.dfp4j.examples.numerics;

import java.util.List;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.bench.ShapeList;

/**
 * What {@code dfp fidelity} measures.
 *
 * @param shapes of convolutions
 * @param batch images
 * @param values keys of what {@code src} and {@code diffDst} hold; kept each once, in their order
 * @param policyValues the same for the comparison of policies
 * @param draws of tensors
 * @param seed of the draws
 */
public record FidelitySettings(
    ShapeList shapes, int batch, List<String> values, String policyValues, int draws, long seed) {

  /** Checks; a {@link UsageException} names the option that is wrong. */
  public FidelitySettings {
    values.forEach(key -> Values.byKey("--values", key));
    values = Values.keys().stream().filter(List.copyOf(values)::contains).toList();
    Values.byKey("--policy-values", policyValues);
    if (batch < 1) {
      throw new UsageException("--batch", ">= 1", batch);
    }
    if (draws < 1) {
      throw new UsageException("--draws", ">= 1", draws);
    }
  }

  /** Keys of all values. */
  public static List<String> allValues() {
    return Values.keys();
  }
}
