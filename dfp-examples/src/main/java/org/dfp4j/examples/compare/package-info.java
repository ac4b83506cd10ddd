/** Training the same network in FP32 and DFP-16 side by side, and the reports of it. */
package org.dfp4j.examples.compare;
