package org.dfp4j.examples.bench;

/**
 * Medians of one pass of one shape, in milliseconds.
 *
 * @param dfp16 of the DFP-16 kernels
 * @param fp32 of oneDNN
 * @param bf16 of oneDNN; null where the CPU has none
 */
public record Measurement(Dfp dfp16, OneDnnTimes fp32, OneDnnTimes bf16) {

  /**
   * DFP-16. The parts are medians of their own, so they need not add up to the total's.
   *
   * @param amax scans of {@code src} and {@code diffDst} for the largest magnitude
   * @param pack their quantization into the kernel's layout
   * @param weightPack scan and quantization of the weights
   * @param kernel the product, with its FP32 output
   * @param total all of these
   */
  public record Dfp(double amax, double pack, double weightPack, double kernel, double total) {}

  /**
   * oneDNN.
   *
   * @param kernel the primitive in oneDNN's own layouts
   * @param total with reorders from FP32 NCHW and back
   * @param implementation as oneDNN calls it; null for sums
   */
  public record OneDnnTimes(double kernel, double total, String implementation) {}
}
