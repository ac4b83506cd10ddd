package org.dfp4j.examples;

import java.net.URL;
import org.deeplearning4j.nn.layers.mkldnn.BaseMKLDNNHelper;
import org.dfp4j.backend.kernels.KernelProvider;
import org.dfp4j.backend.kernels.KernelReport;
import org.nd4j.linalg.factory.Nd4j;

/** What a run runs on. */
public final class Machine {

  private static final String HELPERS = "org.eclipse.deeplearning4j.helpers.disable";
  private static final String ND4J_LIBRARY =
      "/org/nd4j/linalg/cpu/nativecpu/bindings/linux-x86_64/libnd4jcpu.so";

  private Machine() {}

  /** The DFP-16 kernels of this process; a {@link UsageException} where a setting is wrong. */
  public static KernelReport kernels() {
    try {
      return KernelProvider.report();
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new UsageException(e.getMessage(), e);
    }
  }

  /** The instruction set of the DFP-16 kernels. */
  public static String isa() {
    kernels();
    return KernelProvider.kernels().isa();
  }

  /** Threads of ND4J. */
  public static int threads() {
    return Nd4j.getEnvironment().maxMasterThreads();
  }

  /** ND4J's backend. */
  public static String backend() {
    return Nd4j.getBackend().getClass().getSimpleName();
  }

  /** The classifier of ND4J's native jar, {@code unknown} where it is not in a jar of its own. */
  public static String nd4jClassifier() {
    URL library = Machine.class.getResource(ND4J_LIBRARY);
    if (library == null) {
      return "unknown";
    }
    String jar = library.getPath().replaceFirst("\\.jar!.*", "");
    int start = jar.indexOf("linux-x86_64");
    return start < 0 ? "unknown" : jar.substring(start);
  }

  /** What FP32 convolutions run on: DL4J's own code, or its oneDNN helpers. */
  public static String baseline() {
    boolean off = Boolean.parseBoolean(System.getProperty(HELPERS, "true"));
    String helpers =
        off
            ? "helpers off"
            : BaseMKLDNNHelper.mklDnnEnabled()
                ? "oneDNN helpers on"
                : "helpers on, but DL4J does not find oneDNN";
    return "DL4J " + Versions.all().get("deeplearning4j") + ", " + helpers;
  }
}
