package org.dfp4j.examples.study;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.dfp4j.examples.Machine;
import org.dfp4j.examples.Versions;
import org.dfp4j.examples.models.Precision;

/**
 * What a run ran on.
 *
 * @param cpu its model name
 * @param threads of the products
 * @param library what computed the convolutions
 * @param versions of the libraries
 */
public record Environment(String cpu, int threads, String library, Map<String, String> versions) {

  /** Copies the map, and puts it in order. */
  public Environment {
    versions = Collections.unmodifiableMap(new TreeMap<>(versions));
  }

  /** This process. */
  static Environment now(Precision precision) {
    return precision == Precision.FP32
        ? new Environment(
            Machine.kernels().cpu(), Machine.threads(), Machine.baseline(), Versions.all())
        : new Environment(
            Machine.kernels().cpu(),
            Machine.kernels().threads(),
            Machine.kernels().used(),
            Versions.all());
  }
}
