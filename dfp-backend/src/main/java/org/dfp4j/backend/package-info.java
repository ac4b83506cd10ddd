/**
 * DFP-16 on the CPU: the number format in {@link org.dfp4j.backend.tensor} and the integer products
 * of convolution and fully connected layers in {@link org.dfp4j.backend.kernels}.
 */
package org.dfp4j.backend;
