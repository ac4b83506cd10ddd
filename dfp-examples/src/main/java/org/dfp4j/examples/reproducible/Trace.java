package org.dfp4j.examples.reproducible;

import java.util.List;

/**
 * What one iteration computes, in the order in which it does.
 *
 * @param steps each with its SHA-256
 */
record Trace(List<Step> steps) {

  /**
   * One array.
   *
   * @param what for people, for example {@code activations of conv1}
   * @param hash SHA-256
   */
  record Step(String what, String hash) {}

  Trace {
    steps = List.copyOf(steps);
  }

  /** The first array that differs, for people. */
  String firstDifference(Trace other) {
    for (int i = 0; i < Math.min(steps.size(), other.steps.size()); i++) {
      if (!steps.get(i).equals(other.steps.get(i))) {
        return steps.get(i).what();
      }
    }
    return "nothing when repeated: it differs from run to run";
  }
}
