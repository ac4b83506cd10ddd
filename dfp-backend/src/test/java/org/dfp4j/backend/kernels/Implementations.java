package org.dfp4j.backend.kernels;

import java.util.ArrayList;
import java.util.List;

/** The implementations that run here, on two threads, for tests that hold for all of them. */
final class Implementations {

  private Implementations() {}

  static List<Kernels> all() {
    List<Kernels> all = new ArrayList<>();
    all.add(new JavaKernels());
    for (String row : NativeRows.running()) {
      all.add(NativeKernels.forIsa(row, () -> 2));
    }
    return all;
  }
}
