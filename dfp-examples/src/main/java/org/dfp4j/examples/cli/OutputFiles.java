package org.dfp4j.examples.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.dfp4j.examples.UsageException;

/** Checks, before a long run, that its results can be written, and writes them. */
final class OutputFiles {

  private OutputFiles() {}

  /** Creates the folder where it is missing. */
  static void prepareFolder(String argument, Path folder) {
    try {
      Files.createDirectories(folder);
      Files.delete(Files.createTempFile(folder, "dfp", null));
    } catch (IOException e) {
      throw new UsageException(argument, "a folder that can be written", reason(folder, e), e);
    }
  }

  /** Checks that a file can be written into its folder, which must be there. */
  static void checkFile(String argument, Path file) {
    Path parent = file.toAbsolutePath().getParent();
    try {
      if (parent == null || Files.isDirectory(file)) {
        throw new IOException("it is a folder");
      }
      Files.delete(Files.createTempFile(parent, "dfp", null));
    } catch (IOException e) {
      throw new UsageException(argument, "a file that can be written", reason(file, e), e);
    }
  }

  /** Writes a report as JSON; nothing where {@code file} is null. */
  static void writeJson(Path file, Object report) throws IOException {
    if (file != null) {
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .writeValue(file.toFile(), report);
    }
  }

  private static String reason(Path path, IOException e) {
    String why = e.getMessage();
    if (e instanceof NoSuchFileException) {
      why = "its folder is not there";
    } else if (e instanceof AccessDeniedException) {
      why = "not permitted";
    } else if (e instanceof FileSystemException system && system.getReason() != null) {
      why = system.getReason();
    }
    return path + " (" + why + ")";
  }
}
