/**
 * What is computed of each element by itself, in FP32 with each operation rounded: so it can be
 * computed where the element is read, and a tensor in between need not be written.
 */
package org.dfp4j.backend.pointwise;
