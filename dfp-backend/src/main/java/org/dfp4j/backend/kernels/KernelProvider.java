package org.dfp4j.backend.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ForkJoinPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernels of this process, chosen once, on first use, and logged once.
 *
 * <ul>
 *   <li>System property {@code dfp.kernels}: {@code auto} (native where it can run, else plain Java
 *       with one warning; the default), {@code native} (or fail) or {@code java}.
 *   <li>System property {@code dfp.maxIsa}, or else environment variable {@code DFP_MAX_ISA}: the
 *       best instruction set to use: {@code scalar} (plain Java), {@code avx2}, {@code avx512vnni}
 *       or {@code amxint8}.
 * </ul>
 *
 * Every choice gives the same bits.
 */
public final class KernelProvider {

  private static final Logger LOG = LoggerFactory.getLogger(KernelProvider.class);

  private static Choice chosen;

  private KernelProvider() {}

  /**
   * The kernels of this process.
   *
   * @throws IllegalArgumentException where a setting has an unknown value
   * @throws IllegalStateException where {@code dfp.kernels=native} cannot be had
   */
  public static synchronized Kernels kernels() {
    if (chosen == null) {
      Choice choice = choose(KernelSettings.ofProcess(), NativeTable.PROCESS);
      if (choice.warning() != null) {
        LOG.warn(choice.warning());
      }
      LOG.info(choice.message());
      chosen = choice;
    }
    return chosen.kernels();
  }

  /** What runs here and what is in use; chooses the kernels where that was not done yet. */
  public static KernelReport report() {
    return report(kernels(), NativeTable.PROCESS);
  }

  static KernelReport report(Kernels used, NativeTable table) {
    String missing = "";
    String cpu = System.getProperty("os.arch");
    List<KernelReport.Row> rows = new ArrayList<>();
    try {
      table.load();
      cpu = table.cpu();
      for (String row : table.rows()) {
        boolean isUsed = used.name().equals("native " + row);
        rows.add(new KernelReport.Row(row, table.runs(row), isUsed));
      }
    } catch (LinkageError e) {
      missing = reason(e);
    }
    return new KernelReport(cpu, used.name(), threads(used), rows, missing);
  }

  /**
   * A choice and what to log about it.
   *
   * @param kernels chosen
   * @param message what runs
   * @param warning what is missing, why, and what to do; null where nothing is
   */
  record Choice(Kernels kernels, String message, String warning) {}

  static Choice choose(KernelSettings settings, NativeTable table) {
    if (settings.kernels().equals(KernelSettings.JAVA)) {
      return java(KernelSettings.KERNELS_PROPERTY + "=" + KernelSettings.JAVA, null);
    }
    boolean required = settings.kernels().equals(KernelSettings.NATIVE);
    if (KernelSettings.SCALAR.equals(settings.maxIsa())) {
      if (required) {
        throw new IllegalArgumentException(
            settings.maxIsaSource()
                + ": expected a native instruction set with "
                + KernelSettings.KERNELS_PROPERTY
                + "=native, got scalar");
      }
      return java(settings.cap(), null);
    }
    try {
      table.load();
    } catch (LinkageError e) {
      return withoutNative(required, reason(e), e);
    }
    String row = table.select(settings.maxIsa());
    if (row == null) {
      return withoutNative(required, noRow(settings, table), null);
    }
    Kernels kernels = table.kernels(row);
    String cap = settings.maxIsa() == null ? "" : ", at most " + settings.cap();
    String message =
        "DFP-16 kernels: %s (%d threads%s); rows of this CPU: %s"
            .formatted(kernels.name(), threads(kernels), cap, String.join(" ", runningRows(table)));
    return new Choice(kernels, message, null);
  }

  private static Choice withoutNative(boolean required, String reason, Throwable cause) {
    if (required) {
      throw new IllegalStateException(
          KernelSettings.KERNELS_PROPERTY + ": expected native kernels, got none: " + reason,
          cause);
    }
    String warning =
        "DFP-16 runs in plain Java, far slower than native: "
            + reason
            + ". To accept this without a warning set -D"
            + KernelSettings.KERNELS_PROPERTY
            + "=java";
    return java("no native kernels", warning);
  }

  private static Choice java(String reason, String warning) {
    Kernels kernels = new JavaKernels();
    String message =
        "DFP-16 kernels: java (%d threads); reason: %s".formatted(threads(kernels), reason);
    return new Choice(kernels, message, warning);
  }

  private static String noRow(KernelSettings settings, NativeTable table) {
    String cap = settings.maxIsa() == null ? "" : " up to " + settings.cap();
    return "no row of the kernel table (%s)%s runs on this CPU (%s)"
        .formatted(String.join(" ", table.rows()), cap, table.cpu());
  }

  private static List<String> runningRows(NativeTable table) {
    return table.rows().stream().filter(table::runs).toList();
  }

  private static int threads(Kernels kernels) {
    return kernels instanceof NativeKernels natives
        ? natives.threads()
        : ForkJoinPool.getCommonPoolParallelism() + 1;
  }

  private static String reason(LinkageError e) {
    return e.getMessage() == null ? e.getClass().getName() : e.getMessage();
  }
}
