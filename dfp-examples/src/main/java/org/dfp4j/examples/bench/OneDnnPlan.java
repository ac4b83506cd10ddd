package org.dfp4j.examples.bench;

import org.bytedeco.dnnl.memory;
import org.bytedeco.dnnl.primitive;

/**
 * A primitive of oneDNN and the layouts that it wants.
 *
 * @param product the primitive
 * @param implementation oneDNN's name of it
 * @param src layout of {@code src} or its gradient
 * @param weights layout of the weights or their gradient
 * @param dst layout of {@code dst} or its gradient
 */
record OneDnnPlan(
    primitive product,
    String implementation,
    memory.desc src,
    memory.desc weights,
    memory.desc dst) {}
