package org.dfp4j.layers.conf;

/** A layer configuration that runs in DFP-16. */
public interface Dfp16Layer extends SwappedLayer {

  /** How the layer uses DFP-16. */
  LayerPrecision getPrecision();
}
