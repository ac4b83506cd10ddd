/**
 * DFP-16 products over ND4J arrays, as functions and as ND4J ops.
 *
 * <pre>
 *   ArrayConvolution, ArrayMatmul       the products and their gradients, from arrays into arrays
 *   DfpConv2d, DfpConv2dBp              ops dfp_conv2d, dfp_conv2d_bp
 *   DfpMatmul, DfpMatmulBp              ops dfp_matmul, dfp_matmul_bp
 *   DfpQuantize, DfpDequantize          ops dfp_quantize, dfp_dequantize
 *   DfpOps                              the ops in SameDiff graphs
 * </pre>
 *
 * <p>For the same arrays they give the bits of the DL4J layers in DFP-16: the kernels are the same,
 * and there is one sum and one rounding. {@code Nd4j.exec} and SameDiff run the ops where {@link
 * org.dfp4j.backend.nd4j.DfpBackend} is ND4J's backend, which it is unless it is turned off.
 */
package org.dfp4j.backend.ops;
