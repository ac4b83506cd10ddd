package org.dfp4j.ui;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.deeplearning4j.core.storage.StatsStorage;
import org.deeplearning4j.ui.model.stats.StatsListener;

/** The sessions of all storages that are attached, by the time of their start. */
final class Sessions {

  private final Map<StatsStorage, Map<String, Session>> storages = new LinkedHashMap<>();

  synchronized void attach(StatsStorage storage) {
    storages.putIfAbsent(storage, new LinkedHashMap<>());
  }

  synchronized void detach(StatsStorage storage) {
    storages.remove(storage);
  }

  /** Those that are there now. A storage that was closed has none. */
  synchronized List<Session> list() {
    Map<String, Session> found = new LinkedHashMap<>();
    storages.forEach(
        (storage, known) -> {
          if (!storage.isClosed()) {
            List<String> ids = new ArrayList<>(storage.listSessionIDs());
            known.keySet().retainAll(ids);
            for (String id : ids) {
              if (isRun(storage, id)) {
                Session session = known.computeIfAbsent(id, key -> new Session(storage, key));
                found.putIfAbsent(id, session);
              }
            }
          }
        });
    return found.values().stream().sorted(Comparator.comparingLong(Session::started)).toList();
  }

  /** Whether a listener for networks reports to the session. */
  private static boolean isRun(StatsStorage storage, String id) {
    List<String> types = storage.listTypeIDsForSession(id);
    return types.contains(StoredStats.TYPE_ID) || types.contains(StatsListener.TYPE_ID);
  }

  Optional<Session> find(String id) {
    return list().stream().filter(session -> session.id().equals(id)).findFirst();
  }
}
