/**
 * Layers that stay FP32 on kernels of their own, behind one interface, {@link
 * org.dfp4j.backend.fp32.Fp32Kernels}: in plain Java ({@link
 * org.dfp4j.backend.fp32.JavaFp32Kernels}, the specification) and native ({@link
 * org.dfp4j.backend.fp32.NativeFp32Kernels}). Every sum has one order, so all give the same bits
 * with any number of threads.
 */
package org.dfp4j.backend.fp32;
