package org.dfp4j.examples.study;

/**
 * One pass over the training images, and the test after it.
 *
 * @param epoch from 1
 * @param iterations of the run so far
 * @param score mean of DL4J's score over the batches, before each is learned from; loss and
 *     regularization
 * @param accuracy share of held-out images that are classified right, 0 to 1
 * @param loss mean of −ln(probability of the right class) over the held-out images
 * @param trainSeconds in training iterations
 * @param testSeconds in the test
 */
public record EpochResult(
    int epoch,
    int iterations,
    double score,
    double accuracy,
    double loss,
    double trainSeconds,
    double testSeconds) {}
