package org.dfp4j.ui;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.nd4j.common.resources.Resolver;

/**
 * Gives DL4J the templates of its three training pages with one more entry in the navigation bar.
 * Everything else is left to DL4J's own resolver, and so are the templates of another version, in
 * which there is no place for the entry.
 */
public final class PrecisionResolver implements Resolver {

  /** Before DL4J's own resolver, which has 100. */
  private static final int PRIORITY = 50;

  /** For {@link java.util.ServiceLoader}. */
  public PrecisionResolver() {}

  @Override
  public int priority() {
    return PRIORITY;
  }

  @Override
  public boolean exists(String resourcePath) {
    return Templates.withEntry(resourcePath).isPresent();
  }

  @Override
  public boolean directoryExists(String dirPath) {
    return false;
  }

  private static byte[] bytes(String resourcePath) {
    return Templates.withEntry(resourcePath)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "resourcePath: expected a template of DL4J's training pages, got "
                        + resourcePath))
        .getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public File asFile(String resourcePath) {
    byte[] template = bytes(resourcePath);
    try {
      // One file of a name for all processes: DL4J takes its folder for that of all templates.
      Path file = Path.of(System.getProperty("java.io.tmpdir"), "dfp4j-ui", resourcePath);
      Files.createDirectories(file.getParent());
      Path part = Files.createTempFile(file.getParent(), "template", ".part");
      Files.write(part, template);
      Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return file.toFile();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write a template: " + e.getMessage(), e);
    }
  }

  @Override
  public InputStream asStream(String resourcePath) {
    return new ByteArrayInputStream(bytes(resourcePath));
  }

  @Override
  public void copyDirectory(String dirPath, File destinationDir) {
    throw new IllegalArgumentException("dirPath: expected none, got " + dirPath);
  }

  @Override
  public boolean hasLocalCache() {
    return false;
  }

  @Override
  public File localCacheRoot() {
    return null;
  }

  @Override
  public String normalizePath(String path) {
    return path;
  }
}
