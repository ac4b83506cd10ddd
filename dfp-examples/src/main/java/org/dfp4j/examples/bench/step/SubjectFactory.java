package org.dfp4j.examples.bench.step;

/** Makes subjects that are not DL4J's; found by {@link java.util.ServiceLoader}. */
public interface SubjectFactory {

  /** What the subjects are. */
  Implementation implementation();

  /** A subject with random weights and a random batch. */
  Subject create(StepSettings settings);
}
