package org.dfp4j.backend.fp32;

import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;

/** The FP32 kernels of this process: of the instruction set that {@link KernelProvider} chose. */
public final class Fp32KernelProvider {

  private static Fp32Kernels chosen;

  private Fp32KernelProvider() {}

  /**
   * The kernels of this process.
   *
   * @throws IllegalArgumentException where a setting has an unknown value
   * @throws IllegalStateException where {@code dfp.kernels=native} cannot be had
   */
  public static synchronized Fp32Kernels kernels() {
    if (chosen == null) {
      Kernels kernels = KernelProvider.kernels();
      chosen =
          kernels.isa().equals("scalar")
              ? new JavaFp32Kernels()
              : NativeFp32Kernels.forIsa(kernels.isa());
    }
    return chosen;
  }
}
