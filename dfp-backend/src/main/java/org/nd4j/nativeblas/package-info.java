/** The one name that DL4J 1.0.0-M2.1 looks up in this package and ND4J no longer has. */
package org.nd4j.nativeblas;
