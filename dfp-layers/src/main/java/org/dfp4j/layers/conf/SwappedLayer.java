package org.dfp4j.layers.conf;

import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * A layer configuration that a conversion put in place of a stock one. It extends the class that it
 * stands for, so that DL4J treats both alike.
 */
public interface SwappedLayer {

  /** A copy of this configuration as the stock DL4J class. */
  default Layer toStock() {
    return LayerFields.stockOf((Layer) this);
  }
}
