package org.dfp4j.examples.cli;

import java.util.Iterator;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;

/** The names of all models, for help and completion. */
final class ModelNames implements Iterable<String> {

  @Override
  public Iterator<String> iterator() {
    return Zoo.entries().stream().map(ZooEntry::name).iterator();
  }
}
