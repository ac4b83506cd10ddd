package org.dfp4j.ui;

import java.util.List;
import org.dfp4j.layers.stats.RunInfo;

/**
 * The sessions that can be chosen.
 *
 * @param sessions by the time of their start
 * @param suggested a baseline and a run to compare with it; fewer where there are fewer
 */
record SessionsView(List<Entry> sessions, List<String> suggested) {

  /** One of them; {@code precision} is empty where only DL4J's listener reports. */
  record Entry(String id, String precision, String model, long started) {}

  static SessionsView of(Sessions sessions) {
    List<Entry> entries = sessions.list().stream().map(SessionsView::entry).toList();
    return new SessionsView(entries, suggest(entries));
  }

  private static Entry entry(Session session) {
    RunInfo info = session.info();
    return new Entry(
        session.id(),
        info == null ? "" : info.precision(),
        info == null ? "" : info.model(),
        session.started());
  }

  /** The newest run in DFP-16 and the newest one in FP32; else the newest two. */
  private static List<String> suggest(List<Entry> entries) {
    List<String> fp32 = ids(entries, RunInfo.FP32);
    List<String> dfp16 = ids(entries, RunInfo.DFP16);
    if (!fp32.isEmpty() && !dfp16.isEmpty()) {
      return List.of(fp32.get(fp32.size() - 1), dfp16.get(dfp16.size() - 1));
    }
    return entries.stream().skip(Math.max(0, entries.size() - 2)).map(Entry::id).toList();
  }

  private static List<String> ids(List<Entry> entries, String precision) {
    return entries.stream()
        .filter(entry -> entry.precision().equals(precision))
        .map(Entry::id)
        .toList();
  }
}
