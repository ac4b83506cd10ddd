package org.dfp4j.backend.fp32;

import java.util.function.Function;
import java.util.function.Supplier;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.Kernels;

/** The FP32 kernels of this process: of the instruction set that {@link KernelProvider} chose. */
public final class Fp32KernelProvider {

  private static Fp32Kernels chosen;
  private static PoolKernels pools;
  private static ResponseNormKernels responseNorms;
  private static UpdateKernels updates;

  private Fp32KernelProvider() {}

  /**
   * The kernels of this process.
   *
   * @throws IllegalArgumentException where a setting has an unknown value
   * @throws IllegalStateException where {@code dfp.kernels=native} cannot be had
   */
  public static synchronized Fp32Kernels kernels() {
    if (chosen == null) {
      chosen = choose(JavaFp32Kernels::new, NativeFp32Kernels::forIsa);
    }
    return chosen;
  }

  /** The pooling of this process; errors as of {@link #kernels()}. */
  public static synchronized PoolKernels pools() {
    if (pools == null) {
      pools = choose(JavaPoolKernels::new, NativePoolKernels::forIsa);
    }
    return pools;
  }

  /** The local response normalization of this process; errors as of {@link #kernels()}. */
  public static synchronized ResponseNormKernels responseNorms() {
    if (responseNorms == null) {
      responseNorms = choose(JavaResponseNormKernels::new, NativeResponseNormKernels::forIsa);
    }
    return responseNorms;
  }

  /** The updates of this process; errors as of {@link #kernels()}. */
  public static synchronized UpdateKernels updates() {
    if (updates == null) {
      updates = choose(JavaUpdateKernels::new, NativeUpdateKernels::forIsa);
    }
    return updates;
  }

  private static <K> K choose(Supplier<K> java, Function<String, K> natives) {
    Kernels kernels = KernelProvider.kernels();
    return kernels.isa().equals("scalar") ? java.get() : natives.apply(kernels.isa());
  }
}
