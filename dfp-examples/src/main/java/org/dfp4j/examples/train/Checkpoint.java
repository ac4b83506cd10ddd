package org.dfp4j.examples.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.deeplearning4j.util.ModelSerializer;
import org.dfp4j.examples.RunSettings;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Network;

/**
 * A network in a file of DL4J's {@link ModelSerializer}, with what is needed to go on training it.
 *
 * @param network with its updater state, iteration and epoch counts
 * @param run how it is trained
 */
public record Checkpoint(Network network, Run run) {

  private static final String KEY = "dfp4j-train";

  /**
   * How a network is trained.
   *
   * @param settings what decides the run
   * @param iterations the whole run's length
   * @param precision {@code fp32} or {@code dfp16}
   * @param policy {@code dfp16} or {@code paper}
   */
  public record Run(RunSettings settings, int iterations, String precision, String policy) {}

  /** Writes the file; where that fails, an older file of that name is left as it was. */
  public void save(Path file) throws IOException {
    new NetworkFile<>(network, run).save(file, KEY);
  }

  /** Reads a file; a {@link UsageException} where {@link #save} did not write it. */
  public static Checkpoint load(String argument, Path file) {
    String expected = "a file that train saved";
    if (!Files.isRegularFile(file)) {
      throw new UsageException(argument, expected, file + ", which is not there");
    }
    if (!NetworkFile.has(file, KEY)) {
      throw new UsageException(argument, expected, file + ", which another program wrote");
    }
    try {
      NetworkFile<Run> saved = NetworkFile.load(file, KEY, Run.class);
      return new Checkpoint(saved.network(), saved.about());
    } catch (IOException e) {
      throw new UsageException(argument, expected, file + " (" + e.getMessage() + ")", e);
    }
  }
}
