/** Measures whole steps of a network, in DFP-16 beside FP32. */
package org.dfp4j.examples.bench.step;
