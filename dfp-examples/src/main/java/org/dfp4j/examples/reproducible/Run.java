package org.dfp4j.examples.reproducible;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;

/**
 * A training run under one setting.
 *
 * @param setting of its process
 * @param start SHA-256 of the initial parameters
 * @param iterations the state after each
 * @param seconds of training, hashing included
 */
public record Run(Setting setting, String start, List<Fingerprint> iterations, double seconds) {

  /** Copies the list. */
  public Run {
    iterations = List.copyOf(iterations);
  }

  /** The state at the end. */
  @JsonIgnore
  public Fingerprint end() {
    return iterations.get(iterations.size() - 1);
  }

  /** SHA-256 of all scores. */
  @JsonIgnore
  public String scores() {
    return Digest.of(iterations.stream().mapToDouble(Fingerprint::score).toArray());
  }

  /** The first iteration after which the state differs, 0 for the initial one, -1 for none. */
  int firstDifference(Run other) {
    if (!start.equals(other.start)) {
      return 0;
    }
    for (int i = 0; i < iterations.size(); i++) {
      if (!iterations.get(i).equals(other.iterations.get(i))) {
        return i + 1;
      }
    }
    return -1;
  }
}
