/** Off-heap memory of packed tensors and scratch: bounded, reused and reported. */
package org.dfp4j.backend.memory;
