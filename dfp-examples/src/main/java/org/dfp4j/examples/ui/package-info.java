/** The DL4J training UI. */
package org.dfp4j.examples.ui;
