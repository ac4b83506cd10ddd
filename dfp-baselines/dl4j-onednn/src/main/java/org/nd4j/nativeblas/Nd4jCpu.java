package org.nd4j.nativeblas;

/**
 * Stands where DL4J 1.0.0-M2.1 looks for ND4J's class of this name, which has moved to another
 * package. Without it DL4J takes it that oneDNN is missing.
 */
public final class Nd4jCpu {

  private Nd4jCpu() {}

  /** What DL4J asks by reflection. */
  public static final class Environment {

    private static final Environment INSTANCE = new Environment();

    private Environment() {}

    /** The only one. */
    public static Environment getInstance() {
      return INSTANCE;
    }

    /** Whether ND4J's native library uses oneDNN, as that library says. */
    public boolean isUseMKLDNN() {
      return org.nd4j.linalg.cpu.nativecpu.bindings.Nd4jCpu.Environment.getInstance().isUseONEDNN();
    }
  }
}
