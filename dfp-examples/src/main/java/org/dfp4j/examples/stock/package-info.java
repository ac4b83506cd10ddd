/** Programs of stock DL4J classes, which know nothing of DFP-16. */
package org.dfp4j.examples.stock;
