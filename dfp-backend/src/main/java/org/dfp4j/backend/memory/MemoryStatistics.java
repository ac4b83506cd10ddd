package org.dfp4j.backend.memory;

/**
 * What a {@link MemoryPool} holds, in bytes.
 *
 * @param inUse in blocks that are open
 * @param cached in closed blocks, kept for reuse
 * @param peak the largest {@code inUse} so far
 * @param limit the most that {@code inUse + cached} may be
 * @param blocks number of blocks that are open
 * @param scratch the part of {@code inUse} that products which run now compute in
 * @param scratchPeak the largest {@code scratch} so far
 */
public record MemoryStatistics(
    long inUse, long cached, long peak, long limit, int blocks, long scratch, long scratchPeak) {}
