/** Measures the DFP-16 convolutions beside oneDNN's. */
package org.dfp4j.examples.bench;
