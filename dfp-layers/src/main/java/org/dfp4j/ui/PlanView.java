package org.dfp4j.ui;

import java.util.List;
import java.util.Optional;
import org.dfp4j.layers.ConversionReport;
import org.dfp4j.layers.ConversionReport.LayerDecision;
import org.dfp4j.layers.stats.RunInfo;

/**
 * What runs in which precision.
 *
 * @param summary one line; empty where nothing is known of the session
 * @param layers all layers
 */
record PlanView(String summary, List<LayerDecision> layers) {

  static PlanView of(Sessions sessions, Query query) {
    Optional<RunInfo> info = sessions.find(query.text("session")).map(session -> session.info());
    if (info.isEmpty()) {
      return new PlanView("", List.of());
    }
    ConversionReport plan = info.get().plan();
    return new PlanView(plan.summary(), plan.layers());
  }
}
