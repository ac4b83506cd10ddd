/**
 * DFP-16 behind ND4J: a backend that ND4J finds by itself, whose executioner runs the ops of {@link
 * org.dfp4j.backend.ops} and, where {@code -Ddfp.precision=dfp16} asks for it, ND4J's own FP32
 * convolutions and the matrix products of fully connected layers on the integer kernels.
 *
 * <p>Besides, ND4J's descriptions of shapes are made once: {@link
 * org.dfp4j.backend.nd4j.ShapeCache}. Nothing else changes: arrays, memory, random numbers and all
 * other ops are those of ND4J's CPU backend, and without the property every op but those of this
 * project is.
 *
 * <h2>What is swapped</h2>
 *
 * <table>
 *   <caption>ND4J's ops of FP32 arrays that run in DFP-16</caption>
 *   <tr><th>op</th><th>where</th></tr>
 *   <tr><td>{@code conv1d}, {@code conv2d}, {@code deconv2d} and their {@code _bp}</td>
 *       <td>everywhere: DL4J's layers, SameDiff, {@code Nd4j.exec}</td></tr>
 *   <tr><td>{@code xw_plus_b}, {@code relu_layer}</td><td>everywhere</td></tr>
 *   <tr><td>{@code matmul} and {@code matmul_bp} of matrices</td>
 *       <td>in SameDiff and in DL4J's fully connected and output layers; a program's own {@code
 *       a.mmul(b)}, recurrent layers and batches of matrices stay FP32</td></tr>
 * </table>
 *
 * <p>Each op quantizes its operands anew, to the nearest even mantissa without headroom, so that
 * the products have the bits of a network that {@code MixedPrecision.dfp16()} converts. An op whose
 * arguments are not plain FP32 runs in ND4J, with ND4J's own exceptions; the report says why.
 *
 * <h2>DL4J's 2-D convolution layer</h2>
 *
 * In 1.0.0-M2.1 it multiplies matrices of columns ({@code im2col}, nine times the input for a 3×3
 * kernel), unless its oneDNN helper loads; with the helper it executes the ops {@code conv2d} and
 * {@code conv2d_bp}. Where the swap is on, {@link org.dfp4j.backend.nd4j.StockConvolutions} lets
 * that one helper load, and no other: all other layers compute as shipped.
 */
package org.dfp4j.backend.nd4j;
