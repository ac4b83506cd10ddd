package org.dfp4j.examples.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.train.NetworkFile;

/**
 * The files of a study: in {@code runs}, for each run its {@link RunRecord} as {@code .json}, the
 * network to go on with as {@code .zip} while it is not complete, and a {@code .lock} that the
 * process which trains it holds.
 *
 * @param folder of the study
 */
public record StudyFolder(Path folder) {

  private static final String KEY = "dfp4j-study";
  private static final String JSON = ".json";
  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  /** A run that no other process can take. */
  record Lock(FileChannel channel) implements AutoCloseable {
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot release a lock: " + e.getMessage(), e);
      }
    }
  }

  private Path file(RunPlan plan, String ending) {
    return runs().resolve(plan.name() + ending);
  }

  private Path runs() {
    return folder.resolve("runs");
  }

  /** Creates what is missing. */
  public void create() throws IOException {
    Files.createDirectories(runs());
  }

  /** All runs that have begun, by name. */
  public List<RunRecord> records() {
    if (!Files.isDirectory(runs())) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(runs())) {
      return files
          .filter(file -> file.toString().endsWith(JSON))
          .map(this::read)
          .sorted(Comparator.comparing(run -> run.plan().name()))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + runs() + ": " + e.getMessage(), e);
    }
  }

  private RunRecord read(Path file) {
    try {
      return MAPPER.readValue(file.toFile(), RunRecord.class);
    } catch (IOException e) {
      throw new UsageException("--out", "a study's folder", file + ", which is no run's", e);
    }
  }

  /** The run as far as it is written down; empty where it has not begun. */
  Optional<RunRecord> record(RunPlan plan) {
    Path file = file(plan, JSON);
    return Files.isRegularFile(file) ? Optional.of(read(file)) : Optional.empty();
  }

  /** Throws a {@link UsageException} where runs of the folder cannot be compared with these. */
  public void check(List<RunPlan> plans) {
    for (RunRecord run : records()) {
      for (RunPlan plan : plans) {
        if (run.plan().settings().model().equals(plan.settings().model())) {
          run.plan()
              .difference(plan)
              .ifPresent(
                  difference -> {
                    throw new UsageException(
                        "--out",
                        "a folder whose runs have the same settings",
                        file(run.plan(), JSON) + " with " + difference);
                  });
        }
      }
    }
  }

  /** Writes the record; a reader sees the old one or the new one. */
  void write(RunRecord run) throws IOException {
    Path part = file(run.plan(), JSON + ".part");
    try {
      MAPPER.writeValue(part.toFile(), run);
      Files.move(
          part,
          file(run.plan(), JSON),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  /** Saves the network, and the record that belongs to it. */
  void save(NetworkFile<RunRecord> checkpoint) throws IOException {
    checkpoint.save(file(checkpoint.about().plan(), ".zip"), KEY);
  }

  /** The network to go on with. */
  Optional<NetworkFile<RunRecord>> checkpoint(RunPlan plan) throws IOException {
    Path zip = file(plan, ".zip");
    return Files.isRegularFile(zip)
        ? Optional.of(NetworkFile.load(zip, KEY, RunRecord.class))
        : Optional.empty();
  }

  /** Deletes what only a run that goes on needs. */
  void deleteCheckpoint(RunPlan plan) throws IOException {
    Files.deleteIfExists(file(plan, ".zip"));
  }

  /** Waits until no other process writes the report. */
  Lock lockReport() throws IOException {
    FileChannel channel = open(runs().resolve("report.lock"));
    channel.lock();
    return new Lock(channel);
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** Takes a run; empty where another process has it. */
  Optional<Lock> lock(RunPlan plan) throws IOException {
    FileChannel channel =
        FileChannel.open(file(plan, ".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(new Lock(channel));
      }
    } catch (OverlappingFileLockException e) {
      // Another thread of this process has it.
    }
    channel.close();
    return Optional.empty();
  }
}
