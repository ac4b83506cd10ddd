package org.dfp4j.examples.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.apache.commons.math3.stat.descriptive.SummaryStatistics;

/**
 * Some numbers of the same kind.
 *
 * @param mean of them
 * @param deviation the standard deviation, with n − 1 in the denominator; null of one number
 * @param n how many
 */
public record Sample(double mean, @JsonInclude Double deviation, int n) {

  /** Mean and standard deviation of at least one number. */
  public static Sample of(double... values) {
    if (values.length == 0) {
      throw new IllegalArgumentException("values: expected at least one, got none");
    }
    SummaryStatistics statistics = new SummaryStatistics();
    for (double value : values) {
      statistics.addValue(value);
    }
    Double deviation = values.length == 1 ? null : statistics.getStandardDeviation();
    return new Sample(statistics.getMean(), deviation, values.length);
  }
}
