package org.nd4j.nativeblas;

import org.dfp4j.backend.nd4j.StockConvolutions;

/**
 * Stands where DL4J 1.0.0-M2.1 looks for ND4J's class of this name, which has moved to another
 * package. DL4J asks it whether a layer may use its oneDNN helper.
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

    /**
     * True where convolutions are swapped and one of DL4J's 2-D convolution layers asks; all other
     * layers stay without a helper, as DL4J is shipped.
     */
    public boolean isUseMKLDNN() {
      return StockConvolutions.mayExecuteOps();
    }
  }
}
