package org.dfp4j.layers;

import org.deeplearning4j.optimize.api.TrainingListener;

/**
 * A listener that says in which iterations it reads the activations that {@code onForwardPass}
 * gets. In others a graph may leave them unwritten; of other listeners that override {@code
 * onForwardPass} it is assumed that they always read them.
 */
public interface ActivationReader extends TrainingListener {

  /** Whether the next iteration's activations will be read. */
  boolean readsActivations();
}
