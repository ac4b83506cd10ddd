/** The dfp4j command line: compare, train, plan and info. */
package org.dfp4j.examples;
