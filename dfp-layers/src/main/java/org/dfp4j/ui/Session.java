package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.core.storage.Persistable;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.ui.model.stats.StatsListener;
import org.deeplearning4j.ui.model.stats.api.StatsReport;
import org.dfp4j.layers.stats.HeldOut;
import org.dfp4j.layers.stats.IterationNumerics;
import org.dfp4j.layers.stats.RunInfo;
import org.dfp4j.layers.stats.StatsRecord;
import org.dfp4j.layers.stats.TrainingPoint;

/**
 * One session of one storage. What was read once is kept: a file need not be read again for each
 * look at the page.
 */
final class Session {

  private static final double MILLIS = 1e3;

  private final StatsStorage storage;
  private final String id;
  private final Map<String, List<Persistable>> read = new TreeMap<>();

  Session(StatsStorage storage, String id) {
    this.storage = storage;
    this.id = id;
  }

  StatsStorage storage() {
    return storage;
  }

  String id() {
    return id;
  }

  /** What is known of the run; null where only DL4J's own listener reports. */
  RunInfo info() {
    List<Persistable> infos = storage.getAllStaticInfos(id, StoredStats.TYPE_ID);
    return infos.isEmpty() ? null : ((StoredStats) infos.get(0)).info();
  }

  /** When it started, in milliseconds since 1970. */
  long started() {
    long first = Long.MAX_VALUE;
    for (String type : List.of(StoredStats.TYPE_ID, StatsListener.TYPE_ID)) {
      for (Persistable info : storage.getAllStaticInfos(id, type)) {
        first = Math.min(first, info.getTimeStamp());
      }
    }
    return first == Long.MAX_VALUE ? 0 : first;
  }

  /** Scores and times: our listener's, or else what DL4J's gives. */
  List<TrainingPoint> points() {
    Map<Integer, TrainingPoint> points = new TreeMap<>();
    for (StatsRecord record : records()) {
      record.points().forEach(point -> points.put(point.iteration(), point));
    }
    return points.isEmpty() ? pointsOfDl4j() : List.copyOf(points.values());
  }

  private List<TrainingPoint> pointsOfDl4j() {
    Map<Integer, TrainingPoint> points = new TreeMap<>();
    StatsReport previous = null;
    for (Persistable update : updates(StatsListener.TYPE_ID)) {
      StatsReport report = (StatsReport) update;
      double seconds = Double.NaN;
      if (previous != null && report.getIterationCount() > previous.getIterationCount()) {
        seconds =
            (report.getTimeStamp() - previous.getTimeStamp())
                / MILLIS
                / (report.getIterationCount() - previous.getIterationCount());
      }
      long batches = report.getTotalMinibatches();
      int examples = batches == 0 ? 0 : (int) (report.getTotalExamples() / batches);
      points.put(
          report.getIterationCount(),
          new TrainingPoint(report.getIterationCount(), report.getScore(), seconds, examples));
      previous = report;
    }
    return List.copyOf(points.values());
  }

  /** The accuracy measured last; null for none. */
  HeldOut heldOut() {
    HeldOut last = null;
    for (StatsRecord record : records()) {
      last = record.heldOut() == null ? last : record.heldOut();
    }
    return last;
  }

  /** All numerics, in the order of their iterations. */
  List<IterationNumerics> numerics() {
    return records().stream()
        .map(StatsRecord::numerics)
        .filter(numerics -> numerics != null)
        .sorted(Comparator.comparingInt(IterationNumerics::iteration))
        .toList();
  }

  private List<StatsRecord> records() {
    return updates(StoredStats.TYPE_ID).stream()
        .map(update -> ((StoredStats) update).record())
        .toList();
  }

  /** All updates of a type, by time. */
  private synchronized List<Persistable> updates(String type) {
    List<Persistable> all = new ArrayList<>();
    for (String worker : storage.listWorkerIDsForSessionAndType(id, type)) {
      List<Persistable> known = read.computeIfAbsent(type + ' ' + worker, key -> new ArrayList<>());
      long last = known.isEmpty() ? 0 : known.get(known.size() - 1).getTimeStamp();
      known.addAll(storage.getAllUpdatesAfter(id, type, worker, last));
      all.addAll(known);
    }
    all.sort(Comparator.comparingLong(Persistable::getTimeStamp));
    return all;
  }
}
