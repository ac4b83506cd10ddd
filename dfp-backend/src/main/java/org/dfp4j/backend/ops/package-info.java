/**
 * DFP-16 products over ND4J arrays, as functions and as ND4J ops for {@code Nd4j.exec} and
 * SameDiff.
 */
package org.dfp4j.backend.ops;
