package org.dfp4j.backend.nd4j;

import java.lang.StackWalker.StackFrame;
import java.util.Iterator;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Whether one of DL4J's fully connected or output layers asks for a matrix product: an op of {@code
 * Nd4j.gemm} or {@code mmul} does not know who does.
 *
 * <p>They are the layers whose products DL4J's {@code BaseLayer} and {@code BaseOutputLayer}
 * compute, without those of package {@code recurrent}.
 */
final class DenseLayers {

  private static final String ND4J = "org.nd4j.";
  private static final String HERE = DenseLayers.class.getPackageName() + '.';
  private static final String LAYERS = "org.deeplearning4j.nn.layers.";
  private static final String RECURRENT = LAYERS + "recurrent.";
  private static final Set<String> DENSE = Set.of(LAYERS + "BaseLayer", LAYERS + "BaseOutputLayer");

  private DenseLayers() {}

  /** Of the op that the running thread executes. */
  static boolean isCaller() {
    return StackWalker.getInstance().walk(DenseLayers::isDense);
  }

  private static boolean isDense(Stream<StackFrame> frames) {
    Iterator<String> classes = frames.map(StackFrame::getClassName).iterator();
    String caller = "";
    while (classes.hasNext()) {
      caller = classes.next();
      if (!caller.startsWith(ND4J) && !caller.startsWith(HERE)) {
        break;
      }
    }
    if (!DENSE.contains(caller)) {
      return false;
    }
    while (classes.hasNext() && caller.startsWith(LAYERS)) {
      if (caller.startsWith(RECURRENT)) {
        return false;
      }
      caller = classes.next();
    }
    return true;
  }
}
