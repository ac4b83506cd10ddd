package org.dfp4j.ui;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.nd4j.common.resources.Resolver;

/**
 * Gives DL4J the templates of its three training pages with one more entry in the navigation bar.
 * Everything else is left to DL4J's own resolver, and so are the templates of another version, in
 * which there is no place for the entry.
 */
public final class PrecisionResolver implements Resolver {

  /** Before DL4J's own resolver, which has 100. */
  private static final int PRIORITY = 50;

  /** What was written, by path: DL4J asks for a file each time that it shows a page. */
  private static final Map<String, File> FILES = new HashMap<>();

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
    synchronized (FILES) {
      try {
        File known = FILES.get(resourcePath);
        if (known == null || !known.isFile()) {
          known = write(resourcePath, template);
          FILES.put(resourcePath, known);
        }
        return known;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot write a template: " + e.getMessage(), e);
      }
    }
  }

  /** Into a folder that is gone when Java ends. */
  private static File write(String resourcePath, byte[] template) throws IOException {
    Path folder = Files.createTempDirectory("dfp4j-ui");
    Path file = folder.resolve(Path.of(resourcePath).getFileName());
    Files.write(file, template);
    folder.toFile().deleteOnExit();
    file.toFile().deleteOnExit();
    return file.toFile();
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
