/**
 * DL4J's updaters and regularization on the kernels of {@link
 * org.dfp4j.backend.fp32.UpdateKernels}. Layers hand them out in place of the stock ones that their
 * configurations hold; nothing here is ever saved.
 */
package org.dfp4j.layers.update;
