package org.dfp4j.layers.stats;

import java.util.List;
import org.nd4j.shade.jackson.annotation.JsonInclude;

/**
 * What a listener reports at a time.
 *
 * @param points iterations since the last report; may be none
 * @param numerics of one of them; null for none
 * @param heldOut accuracy measured since the last report; null for none
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record StatsRecord(List<TrainingPoint> points, IterationNumerics numerics, HeldOut heldOut) {

  public StatsRecord {
    points = List.copyOf(points);
  }
}
