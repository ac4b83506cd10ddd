package org.dfp4j.layers.conf;

/** A layer configuration that runs in FP32 on this project's kernels. */
public interface Fp32Layer extends SwappedLayer {}
