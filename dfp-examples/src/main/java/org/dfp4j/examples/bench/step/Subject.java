package org.dfp4j.examples.bench.step;

/** A network with a batch, ready to run steps, in a process of its own. */
public interface Subject extends AutoCloseable {

  /** What runs the steps: library, version, kernels. */
  String description();

  /** Runs one step to its end. */
  void step();

  /** The score of the last step, or the sum of its outputs; finite where the step made sense. */
  double outcome();

  /** Frees what the last step left behind; not timed. */
  void tidy();

  @Override
  void close();
}
