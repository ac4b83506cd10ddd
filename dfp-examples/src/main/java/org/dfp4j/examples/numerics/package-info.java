/** How far results in reduced precision are from FP64: of one layer, and of whole networks. */
package org.dfp4j.examples.numerics;
