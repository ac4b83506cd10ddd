/**
 * The integer products of convolution and fully connected layers, behind one interface, {@link
 * org.dfp4j.backend.kernels.Kernels}: in plain Java ({@link org.dfp4j.backend.kernels.JavaKernels},
 * the specification) and native ({@link org.dfp4j.backend.kernels.NativeKernels}). {@link
 * org.dfp4j.backend.kernels.KernelProvider} chooses once per process.
 */
package org.dfp4j.backend.kernels;
