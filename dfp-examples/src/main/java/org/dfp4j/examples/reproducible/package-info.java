/**
 * The proof that training in DFP-16 has the same bits with every instruction set and any number of
 * threads, by running it.
 */
package org.dfp4j.examples.reproducible;
