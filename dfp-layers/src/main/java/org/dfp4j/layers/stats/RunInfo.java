package org.dfp4j.layers.stats;

import java.util.Objects;
import org.dfp4j.layers.ConversionReport;

/**
 * What is known of a run before its first iteration ends.
 *
 * @param model simple name of DL4J's class
 * @param precision {@code DFP-16} where a layer runs in it, else {@code FP32}
 * @param layers how many
 * @param parameters how many
 * @param frequency of iterations whose numerics are reported
 * @param plan what runs in which precision, and why
 */
public record RunInfo(
    String model,
    String precision,
    int layers,
    long parameters,
    int frequency,
    ConversionReport plan) {

  /** The precision of a run without a DFP-16 layer. */
  public static final String FP32 = "FP32";

  /** The precision of a run with DFP-16 layers. */
  public static final String DFP16 = "DFP-16";

  public RunInfo {
    Objects.requireNonNull(model, "model: expected a name, got null");
    Objects.requireNonNull(precision, "precision: expected a name, got null");
    Objects.requireNonNull(plan, "plan: expected a report, got null");
  }
}
