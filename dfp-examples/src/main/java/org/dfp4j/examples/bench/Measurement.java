package org.dfp4j.examples.bench;

/**
 * Medians of one pass of one shape, or sums of medians, in milliseconds.
 *
 * @param dfp16 of the DFP-16 kernels
 * @param fp32 of oneDNN; null where it was not measured
 * @param bf16 of oneDNN; null where it was not measured
 */
public record Measurement(Dfp dfp16, OneDnnTimes fp32, OneDnnTimes bf16) {

  /**
   * DFP-16. The parts are medians of their own, so they need not add up to the total's.
   *
   * @param amax what scans of {@code src} and {@code diffDst} for the largest magnitude take more,
   *     where the last run's exponents do not hold; not part of the total
   * @param pack their quantization into the kernel's layout, by the exponents of the last run
   * @param weightPack quantization of the weights, and their fingerprint
   * @param kernel the product, with its FP32 output
   * @param total pack, weightPack and kernel
   * @param kept with weights that are packed already; of fully connected layers, the passes that
   *     read weights; null elsewhere
   * @param recognize what a layer pays to know that its weights have not changed; as {@code kept}
   */
  public record Dfp(
      double amax,
      double pack,
      double weightPack,
      double kernel,
      double total,
      Double kept,
      Double recognize) {}

  /**
   * oneDNN.
   *
   * @param kernel the primitive in oneDNN's own layouts
   * @param total with reorders from FP32 in the operands' layouts and back
   * @param plain the primitive in the operands' layouts; null for convolutions and BF16
   * @param implementation as oneDNN calls it; null for sums
   */
  public record OneDnnTimes(double kernel, double total, Double plain, String implementation) {

    /** The fastest way from FP32 to FP32 in the operands' layouts. */
    double fromFp32() {
      return plain == null ? total : Math.min(total, plain);
    }

    /** The fastest way, whatever the layouts. */
    double withoutReorders() {
      return plain == null ? kernel : Math.min(kernel, plain);
    }
  }
}
