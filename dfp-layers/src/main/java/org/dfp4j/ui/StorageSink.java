package org.dfp4j.ui;

import java.util.Objects;
import org.deeplearning4j.core.storage.StatsStorageRouter;
import org.deeplearning4j.core.util.UIDProvider;
import org.dfp4j.layers.stats.RunInfo;
import org.dfp4j.layers.stats.StatsRecord;
import org.dfp4j.layers.stats.StatsSink;

/**
 * Writes to a storage of the DL4J UI: in memory, in a file, or remote. Closing it leaves the
 * storage open.
 */
public final class StorageSink implements StatsSink {

  private final StatsStorageRouter storage;
  private final String session;
  private final String worker;
  private long lastTime;

  /**
   * A sink.
   *
   * @param storage to write to
   * @param session the run's name; that of DL4J's own {@code StatsListener}, where the network has
   *     one
   */
  public StorageSink(StatsStorageRouter storage, String session) {
    this.storage = Objects.requireNonNull(storage, "storage: expected one, got null");
    this.session = Objects.requireNonNull(session, "session: expected a name, got null");
    this.worker = UIDProvider.getJVMUID();
  }

  @Override
  public void start(RunInfo info) {
    storage.putStaticInfo(new StoredStats(session, worker, nextTime(), info));
  }

  @Override
  public void write(StatsRecord record) {
    storage.putUpdate(new StoredStats(session, worker, nextTime(), record));
  }

  /** A storage keeps one record a millisecond. */
  private synchronized long nextTime() {
    lastTime = Math.max(lastTime + 1, System.currentTimeMillis());
    return lastTime;
  }

  @Override
  public void close() {
    // The storage is the caller's.
  }
}
