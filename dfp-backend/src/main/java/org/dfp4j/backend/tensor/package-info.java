/**
 * The number format DFP-16 as plain, exact Java: the specification that every kernel follows bit
 * for bit.
 *
 * <pre>
 *   value[i] = I[i] · 2^E                       int16 mantissas I, one exponent E for all of them
 *   E        = floor(log2(amax)) - 14           amax = max_i |x[i]|
 *   I[i]     = clamp(round(x[i] · 2^-E), -32767, +32767)
 * </pre>
 *
 * {@link org.dfp4j.backend.tensor.Quantizer} makes a {@link org.dfp4j.backend.tensor.DfpTensor} of
 * FP32 values; its products and sums are exact {@link org.dfp4j.backend.tensor.WideTensor}s; {@link
 * org.dfp4j.backend.tensor.ExactFloat} turns an exact integer sum into the nearest float.
 *
 * <p>Source: Das et al., "Mixed Precision Training of Convolutional Neural Networks using Integer
 * Operations", ICLR 2018, arXiv:1802.00930. The symmetric range, the seeded stochastic rounding and
 * the treatment of NaN and infinity are additions.
 */
package org.dfp4j.backend.tensor;
