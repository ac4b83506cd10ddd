/**
 * Configurations of layers that run in DFP-16, or in FP32 on this project's kernels, and of the
 * vertices that hold them. Each extends the stock DL4J class that it stands for and survives JSON
 * by its class name, so renaming one breaks saved models.
 */
package org.dfp4j.layers.conf;
