package org.dfp4j.examples.reproducible;

/**
 * Where a run stops having the bits of the reference.
 *
 * @param iteration the first, from 1 on; 0 for the initial parameters
 * @param what differs first in it, for people
 */
public record Difference(int iteration, String what) {}
