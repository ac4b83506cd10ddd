/** The subcommands. */
package org.dfp4j.examples.cli;
