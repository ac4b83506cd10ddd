package org.dfp4j.examples.cli;

import java.util.Iterator;
import org.dfp4j.examples.UsageException;
import org.dfp4j.examples.models.Zoo;
import org.dfp4j.examples.models.ZooEntry;

/** The names of all models, for help and completion. */
final class ModelNames implements Iterable<String> {

  /** The model that is one of those which an option {@code --models} names. */
  static ZooEntry oneOfMany(String name) {
    try {
      return Zoo.byName(name.strip());
    } catch (UsageException e) {
      throw new UsageException("--models", "some of " + Zoo.names(), name, e);
    }
  }

  @Override
  public Iterator<String> iterator() {
    return Zoo.entries().stream().map(ZooEntry::name).iterator();
  }
}
