package org.dfp4j.examples.reproducible;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A run of {@link Verification}, as JSON has it.
 *
 * @param cpu model name
 * @param versions of the libraries
 * @param workload that was trained
 * @param recorded whether the reference is a run of another report
 * @param reference whose bits all runs should have
 * @param runs by setting
 * @param differences one for each run; null where it has the reference's bits
 */
public record VerificationReport(
    String cpu,
    Map<String, String> versions,
    Workload workload,
    boolean recorded,
    Run reference,
    List<Run> runs,
    List<Difference> differences) {

  /** Copies the lists. */
  public VerificationReport {
    versions = Map.copyOf(versions);
    runs = List.copyOf(runs);
    differences = Collections.unmodifiableList(new ArrayList<>(differences)); // With nulls.
  }

  /** Whether all runs have the reference's bits. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public boolean same() {
    return differences.stream().allMatch(Objects::isNull);
  }
}
