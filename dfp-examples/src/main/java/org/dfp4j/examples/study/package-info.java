/** Training FP32 and DFP-16 twins to the end, over models and seeds, and what it comes to. */
package org.dfp4j.examples.study;
