/** Training one network, saving it, and going on later. */
package org.dfp4j.examples.train;
