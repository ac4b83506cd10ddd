package org.dfp4j.examples.bench.step;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.dfp4j.examples.UsageException;

/** What a step is. */
public enum Mode {
  /** {@code fit} on the batch: forward, backward, updater and score, of the zoo's own network. */
  TRAIN,
  /** {@code output} of the batch, as in inference, with initial weights that give finite ones. */
  OUTPUT;

  /** The name in options and files. */
  @JsonValue
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The mode of this name; case does not matter. */
  public static Mode byName(String argument, String name) {
    for (Mode mode : values()) {
      if (mode.name().equalsIgnoreCase(name)) {
        return mode;
      }
    }
    throw new UsageException(argument, "train or output", name);
  }
}
