/** The JavaCPP binding of the native kernels' C interface. */
package org.dfp4j.backend.presets;
