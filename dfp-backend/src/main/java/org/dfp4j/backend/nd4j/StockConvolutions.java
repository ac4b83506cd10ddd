package org.dfp4j.backend.nd4j;

import java.lang.StackWalker.StackFrame;
import java.util.List;

/**
 * Lets DL4J's 2-D convolution layers execute the ops {@code conv2d} and {@code conv2d_bp} in place
 * of im2col and a matrix product, while the swap is on.
 *
 * <p>They do so by their oneDNN helper, which needs no oneDNN. DL4J creates no helpers by default,
 * and in 1.0.0-M2.1 it finds none to be supported; both questions are answered here, for the
 * convolution helper alone. A layer asks when its network is initialized.
 */
public final class StockConvolutions {

  private static final String HELPERS_DISABLED = "org.eclipse.deeplearning4j.helpers.disable";
  private static final String HELPER = "org.deeplearning4j.nn.layers.mkldnn.MKLDNNConvHelper";

  private static final String OWN_LAYERS = "org.dfp4j.layers.impl.";

  private StockConvolutions() {}

  /**
   * Lets DL4J create helpers, where no property of the user's own says otherwise.
   *
   * @return why DL4J's 2-D convolution layers stay FP32; empty where they do not
   */
  static String enableHelpers() {
    if (System.getProperty(HELPERS_DISABLED) == null) {
      System.setProperty(HELPERS_DISABLED, "false");
    }
    return Boolean.getBoolean(HELPERS_DISABLED) ? HELPERS_DISABLED + "=true" : "";
  }

  /**
   * True where the swap is on and the caller is DL4J's helper of 2-D convolutions, but not that of
   * a layer of {@code dfp-layers}, whose own policy says what runs in FP32.
   */
  public static boolean mayExecuteOps() {
    return Swap.PROCESS.policy().isOn()
        && StackWalker.getInstance()
            .walk(frames -> isStockConvolution(frames.map(StackFrame::getClassName).toList()));
  }

  private static boolean isStockConvolution(List<String> callers) {
    return callers.contains(HELPER)
        && callers.stream().noneMatch(caller -> caller.startsWith(OWN_LAYERS));
  }
}
