package org.dfp4j.examples.bench.step;

import java.util.List;

/**
 * What a worker did in one turn.
 *
 * @param description of the implementation
 * @param seconds of each step
 * @param outcome score of the last step, or the sum of its outputs
 * @param memory of the process
 * @param profile where the time of the steps went; empty where it was not asked for
 */
record Turn(
    String description,
    List<Double> seconds,
    double outcome,
    ProcessMemory memory,
    List<ProfileRow> profile) {}
