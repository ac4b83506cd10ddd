package org.dfp4j.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What a conversion does to each layer, and why.
 *
 * @param policy name of the policy
 * @param layers one decision for each layer, in the configuration's order
 */
public record ConversionReport(String policy, List<LayerDecision> layers) {

  /** What happens to a layer. */
  public enum Decision {
    /** Runs in DFP-16. */
    SWAPPED,
    /** Stays FP32, on this project's kernels. */
    ACCELERATED,
    /** Was one of the two above, becomes the stock DL4J class. */
    RESTORED,
    /** Stays the class that it is. */
    KEPT
  }

  /**
   * The decision on one layer.
   *
   * @param name name of the vertex or layer; the index where a layer has none
   * @param type simple name of the stock class; in parentheses, what a wrapper wraps
   * @param decision what happens
   * @param reason why
   * @param parameters number of parameters; those of an input size not known yet are left out
   */
  public record LayerDecision(
      String name, String type, Decision decision, String reason, long parameters) {

    public LayerDecision {
      Objects.requireNonNull(name, "name: expected one, got null");
      Objects.requireNonNull(type, "type: expected one, got null");
      Objects.requireNonNull(decision, "decision: expected one, got null");
      Objects.requireNonNull(reason, "reason: expected one, got null");
    }
  }

  public ConversionReport {
    Objects.requireNonNull(policy, "policy: expected one, got null");
    layers = List.copyOf(layers);
  }

  /** Number of layers with the given decision. */
  public long count(Decision decision) {
    return layers.stream().filter(layer -> layer.decision() == decision).count();
  }

  /** Parameters of the layers with the given decision. */
  public long parameters(Decision decision) {
    return layers.stream()
        .filter(layer -> layer.decision() == decision)
        .mapToLong(LayerDecision::parameters)
        .sum();
  }

  /** One line on all layers. */
  public String summary() {
    long accelerated = count(Decision.ACCELERATED);
    long all = layers.stream().mapToLong(LayerDecision::parameters).sum();
    return String.format(
        Locale.ROOT,
        "%s: %d of %d layers in DFP-16, with %,d of %,d parameters%s",
        policy,
        count(Decision.SWAPPED),
        layers.size(),
        parameters(Decision.SWAPPED),
        all,
        accelerated == 0 ? "" : "; %d in FP32 on own kernels".formatted(accelerated));
  }

  /** A table, one line for each layer, and the summary. */
  @Override
  public String toString() {
    List<String[]> rows = new ArrayList<>();
    rows.add(new String[] {"layer", "type", "parameters", "decision", "reason"});
    for (LayerDecision layer : layers) {
      rows.add(
          new String[] {
            layer.name(),
            layer.type(),
            String.format(Locale.ROOT, "%,d", layer.parameters()),
            layer.decision().name(),
            layer.reason()
          });
    }
    int[] width = new int[4];
    for (String[] row : rows) {
      for (int i = 0; i < width.length; i++) {
        width[i] = Math.max(width[i], row[i].length());
      }
    }
    String format =
        String.format(
            Locale.ROOT,
            "%%-%ds  %%-%ds  %%%ds  %%-%ds  %%s%%n",
            width[0],
            width[1],
            width[2],
            width[3]);
    StringBuilder table = new StringBuilder();
    rows.forEach(row -> table.append(String.format(Locale.ROOT, format, (Object[]) row)));
    return table.append(summary()).toString();
  }
}
