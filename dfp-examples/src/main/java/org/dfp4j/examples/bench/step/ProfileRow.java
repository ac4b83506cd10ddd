package org.dfp4j.examples.bench.step;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/**
 * A share of a step's time.
 *
 * @param phase of the step
 * @param part kind of layer, or in the other phases class and method of DL4J
 * @param kernel native function of this project, empty where none ran
 * @param at innermost line of DL4J or this project, {@code Class.method:line}
 * @param seconds of a step
 */
public record ProfileRow(Phase phase, String part, String kernel, String at, double seconds) {

  /** Parts of a step, in the order of the report. */
  public enum Phase {
    FORWARD,
    BACKWARD,
    SCORE,
    UPDATER,
    REST;

    /** The name for people and in files. */
    @JsonValue
    public String label() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
