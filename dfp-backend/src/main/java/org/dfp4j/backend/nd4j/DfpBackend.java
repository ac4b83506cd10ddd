package org.dfp4j.backend.nd4j;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.nd4j.common.io.AbstractResource;
import org.nd4j.common.io.ClassPathResource;
import org.nd4j.common.io.Resource;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.cpu.nativecpu.CpuBackend;
import org.nd4j.linalg.factory.Nd4j;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * ND4J's CPU backend with an executioner that knows DFP-16, {@link DfpOpExecutioner}, and a {@link
 * ShapeCache}. ND4J finds it by itself and prefers it to its CPU backend, not to a GPU's.
 *
 * <ul>
 *   <li>{@code -Ddfp.backend=off} takes it away.
 *   <li>{@code -Ddfp.precision=dfp16} swaps ND4J's own ops: {@link SwapPolicy}.
 *   <li>{@code -Ddfp.precision.report=true} prints a {@link SwapReport} to the standard error
 *       stream when the process ends; any other value is a file to write it to.
 * </ul>
 */
public class DfpBackend extends CpuBackend {

  /** System property: {@code on} (the default) or {@code off}. */
  public static final String BACKEND_PROPERTY = "dfp.backend";

  private static final Logger LOG = LoggerFactory.getLogger(DfpBackend.class);
  private static final String PROPERTIES = "/dfp-nd4j.properties";
  private static final String ON = "on";
  private static final String OFF = "off";

  /** ND4J takes only backends that this property of its own names, where it is set. */
  private static final String ND4J_BACKENDS = "backends";

  /**
   * What ND4J's ops run in from now on. Networks that are initialized later reach {@code conv2d}
   * from DL4J's 2-D convolution layers, earlier ones keep what they have.
   *
   * @throws IllegalStateException where ND4J runs another backend
   */
  public static void swap(SwapPolicy policy) {
    OpExecutioner executioner = Nd4j.getExecutioner();
    if (!(executioner instanceof DfpOpExecutioner)) {
      throw new IllegalStateException(
          "backend: expected one with DFP-16 ops, got "
              + Nd4j.getBackend()
              + " (is -D"
              + BACKEND_PROPERTY
              + "="
              + OFF
              + " set?)");
    }
    Swap.PROCESS.use(policy);
  }

  /** Which ops ran in which precision since the last {@link #swap}, or since the start. */
  public static SwapReport report() {
    return Swap.PROCESS.report();
  }

  @Override
  public int getPriority() {
    return super.getPriority() + 1;
  }

  /**
   * False where {@value #BACKEND_PROPERTY} is {@code off}.
   *
   * @throws IllegalArgumentException where the property has another value
   */
  @Override
  public boolean isAvailable() {
    String value = System.getProperty(BACKEND_PROPERTY, ON).trim().toLowerCase(Locale.ROOT);
    if (!List.of(ON, OFF, "").contains(value)) {
      throw new IllegalArgumentException(
          BACKEND_PROPERTY + ": expected one of on off, got " + value);
    }
    boolean available = !value.equals(OFF) && isAllowed() && super.isAvailable();
    if (!available && SwapPolicy.ofProcess().isOn()) {
      LOG.warn(
          "{} has no effect: {}",
          SwapPolicy.ofProcess(),
          isAllowed()
              ? BACKEND_PROPERTY + "=" + value
              : "property " + ND4J_BACKENDS + " does not name " + getClass().getName());
    }
    return available;
  }

  @Override
  public boolean canRun() {
    return isAvailable() && super.canRun();
  }

  private boolean isAllowed() {
    String allowed = System.getProperty(ND4J_BACKENDS);
    return allowed == null || allowed.contains(getClass().getName());
  }

  /** The CPU backend's properties, and after them those that differ. */
  @Override
  public Resource getConfigurationResource() {
    Resource cpu = super.getConfigurationResource();
    Resource own = new ClassPathResource(PROPERTIES, DfpBackend.class.getClassLoader());
    return new AbstractResource() {
      @Override
      public String getDescription() {
        return cpu.getDescription() + " and " + own.getDescription();
      }

      @Override
      public InputStream getInputStream() throws IOException {
        InputStream newLine = new ByteArrayInputStream(new byte[] {'\n'});
        return new SequenceInputStream(
            Collections.enumeration(List.of(cpu.getInputStream(), newLine, own.getInputStream())));
      }
    };
  }

  @Override
  public void logBackendInit() {
    super.logBackendInit();
    Swap.PROCESS.start();
  }
}
