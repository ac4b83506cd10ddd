package org.dfp4j.layers.conf;

import org.deeplearning4j.nn.conf.layers.Layer;

/**
 * A layer configuration that runs in DFP-16. It extends the stock class that it stands for, so that
 * DL4J treats both alike.
 */
public interface Dfp16Layer {

  /** How the layer uses DFP-16. */
  LayerPrecision getPrecision();

  /** A copy of this configuration as the stock DL4J class. */
  default Layer toStock() {
    return LayerFields.stockOf((Layer) this);
  }
}
