/** The models of the DL4J zoo by name, their sizes, updaters and precisions. */
package org.dfp4j.examples.models;
