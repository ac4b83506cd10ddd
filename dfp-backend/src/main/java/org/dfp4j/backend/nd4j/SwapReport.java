package org.dfp4j.backend.nd4j;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.dfp4j.backend.nd4j.SwapPolicy.Precision;

/**
 * Which of ND4J's ops ran in which precision since the swap was switched on, how often, and why
 * those that were not swapped were not.
 *
 * @param policy that decided
 * @param rows by op, most executions first
 */
public record SwapReport(SwapPolicy policy, List<Row> rows) {

  public SwapReport {
    rows =
        rows.stream()
            .sorted(
                Comparator.comparing(Row::op)
                    .thenComparing(Comparator.comparingLong(Row::executions).reversed())
                    .thenComparing(Row::reason))
            .toList();
  }

  /**
   * Executions of one op that had one outcome.
   *
   * @param op ND4J's name
   * @param precision of its products
   * @param reason why it was not swapped; empty where it was
   * @param executions how often
   */
  public record Row(String op, Precision precision, String reason, long executions) {}

  /** Executions of the op in the given precision. */
  public long executions(String op, Precision precision) {
    return rows.stream()
        .filter(row -> row.op().equals(op) && row.precision() == precision)
        .mapToLong(Row::executions)
        .sum();
  }

  /** A table, a row a line. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("ND4J ops by precision (" + policy + ")\n");
    if (rows.isEmpty()) {
      return text.append("  nothing is swapped").toString();
    }
    int width = rows.stream().mapToInt(row -> row.op().length()).max().getAsInt();
    for (Row row : rows) {
      String name = row.precision() == Precision.DFP16 ? "DFP-16" : "FP32";
      text.append(
          String.format(
              Locale.ROOT,
              "  %-" + width + "s  %-6s  %,9d%s%n",
              row.op(),
              name,
              row.executions(),
              row.reason().isEmpty() ? "" : "  " + row.reason()));
    }
    return text.toString().stripTrailing();
  }
}
