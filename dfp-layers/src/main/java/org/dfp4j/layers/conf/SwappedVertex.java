package org.dfp4j.layers.conf;

import org.deeplearning4j.nn.conf.graph.GraphVertex;

/**
 * A vertex configuration that a conversion put in place of a stock one, so that neighbours can work
 * together. It extends the class that it stands for.
 */
public interface SwappedVertex {

  /** This configuration as the stock DL4J class; a layer that it holds is not copied. */
  GraphVertex toStock();
}
