package org.dfp4j.ui;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.core.storage.impl.RemoteUIStatsStorageRouter;
import org.deeplearning4j.ui.model.storage.FileStatsStorage;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.StatsRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.shade.jackson.databind.JsonNode;

/** Storages in files and on other machines. */
class StoragesTest {

  private static final int ITERATIONS = 4;
  private static final int LAYERS = 5;

  @TempDir private Path folder;

  /** The other process: writes a run to the file that is named. */
  public static final class Writer {

    private Writer() {}

    /** Starts it. */
    public static void main(String[] arguments) throws IOException {
      StatsStorage storage = new FileStatsStorage(Path.of(arguments[0]).toFile());
      Records.write(new StorageSink(storage, "elsewhere"), ITERATIONS, LAYERS);
      storage.close();
    }
  }

  @Test
  void aFileWrittenByAnotherProcessIsShown() throws Exception {
    Path file = folder.resolve("stats.dl4j");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Writer.class.getName(),
                file.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    FileStatsStorage storage = new FileStatsStorage(file.toFile());
    try (PageServer page = new PageServer(false)) {
      page.server().attach(storage);
      shows(page, "elsewhere");
      storage.close();
      assertEquals(0, page.data("sessions").get("sessions").size(), "sessions of a closed file");
    }
  }

  @Test
  void remoteRecordsAreShown() throws Exception {
    try (PageServer page = new PageServer(false)) {
      page.server().enableRemoteListener();
      RemoteUIStatsStorageRouter router =
          new RemoteUIStatsStorageRouter(page.server().getAddress());
      Records.write(new StorageSink(router, "remote"), ITERATIONS, LAYERS);
      Instant end = Instant.now().plus(Duration.ofSeconds(20));
      while (iterations(page, "remote") < ITERATIONS && Instant.now().isBefore(end)) {
        Thread.sleep(50);
      }
      shows(page, "remote");
      router.shutdown();
    }
  }

  private static int iterations(PageServer page, String session) throws IOException {
    JsonNode runs = page.data("twins", "session", session).get("runs");
    return runs.size() == 0 ? 0 : runs.get(0).get("iterations").asInt();
  }

  private static void shows(PageServer page, String session) throws IOException {
    assertEquals(ITERATIONS, iterations(page, session));
    JsonNode layers = page.data("layers", "session", session, "sort", "layer");
    assertEquals(3 * LAYERS, layers.get("total").asInt());
    assertEquals(Records.name(0), layers.get("rows").get(0).get("layer").asText());
    JsonNode plan = page.data("plan", "session", session);
    assertEquals(LAYERS, plan.get("layers").size());
    assertTrue(plan.get("summary").asText().contains("5 of 5 layers"), plan.toString());
  }

  @Test
  void recordsSurviveEncoding() throws IOException, ClassNotFoundException {
    StatsRecord written =
        new StatsRecord(
            Records.record(7, 2).points(),
            Records.record(7, 2).numerics(),
            new HeldOut(8, Double.NaN, 9));
    StoredStats stored = new StoredStats("s", "w", 5, written);
    StoredStats read = new StoredStats();
    read.decode(stored.encode());
    assertEquals(written, read.record());
    assertEquals("s", read.getSessionID());
    assertEquals("w", read.getWorkerID());
    assertEquals(5, read.getTimeStamp());
    assertEquals(stored.encodingLengthBytes(), read.encodingLengthBytes());
    assertThrows(IllegalStateException.class, read::info);

    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(new StoredStats("s", "w", 5, written));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      assertEquals(written, ((StoredStats) in.readObject()).record());
    }
  }
}
