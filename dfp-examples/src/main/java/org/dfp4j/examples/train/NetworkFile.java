package org.dfp4j.examples.train;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.zip.ZipFile;
import org.deeplearning4j.util.ModelSerializer;
import org.dfp4j.examples.models.Network;

/**
 * The content of a file of DL4J's {@link ModelSerializer} with an object of ours.
 *
 * @param network with its updater state, iteration and epoch counts
 * @param about what the file says of it, in JSON
 */
public record NetworkFile<T>(Network network, T about) {

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Writes the file; where that fails, an older file of that name is left as it was.
   *
   * @param key of the object in the file
   */
  public void save(Path file, String key) throws IOException {
    Path part = file.resolveSibling(file.getFileName() + ".part");
    try {
      network.save(part);
      ModelSerializer.addObjectToFile(part.toFile(), key, JSON.writeValueAsString(about));
      Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** True where a file has an object of this key. */
  static boolean has(Path file, String key) {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      return zip.getEntry("objects/" + key) != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Reads what {@link #save} wrote. */
  public static <T> NetworkFile<T> load(Path file, String key, Class<T> type) throws IOException {
    String json = ModelSerializer.getObjectFromFile(file.toFile(), key);
    return new NetworkFile<>(Network.load(file), JSON.readValue(json, type));
  }
}
