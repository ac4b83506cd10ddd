package org.dfp4j.examples.reproducible;

/**
 * The state after one iteration.
 *
 * @param score of the batch, regularization included
 * @param parameters SHA-256 of all of them
 * @param updater SHA-256 of its state; of nothing where it has none
 */
public record Fingerprint(double score, String parameters, String updater) {

  /** The first part that differs, for people; the parts must not all be the same. */
  String differenceFrom(Fingerprint other) {
    if (!parameters.equals(other.parameters)) {
      return "parameters";
    }
    return updater.equals(other.updater) ? "score" : "updater state";
  }
}
