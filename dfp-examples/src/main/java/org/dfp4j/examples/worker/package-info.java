/** Processes of this project's own programs, and how they answer the one that started them. */
package org.dfp4j.examples.worker;
