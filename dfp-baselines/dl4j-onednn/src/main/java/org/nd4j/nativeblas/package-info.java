/** What lets DL4J find oneDNN. */
package org.nd4j.nativeblas;
