package org.dfp4j.layers.impl;

import org.dfp4j.backend.fp32.BatchNormGradient;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * A gradient that a batch norm hands on, and what it found out while it computed it: the layer
 * below need not read it to know the exponent and its bias gradient.
 *
 * @param array the gradient by the batch norm's input
 * @param found of its values
 */
record KnownGradient(INDArray array, BatchNormGradient found) {}
