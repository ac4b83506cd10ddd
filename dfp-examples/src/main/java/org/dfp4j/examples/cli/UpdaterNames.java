package org.dfp4j.examples.cli;

import java.util.Arrays;
import java.util.Iterator;
import org.dfp4j.examples.models.UpdaterName;

/** The names of all updaters, for help and completion. */
final class UpdaterNames implements Iterable<String> {

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(UpdaterName.values()).map(UpdaterName::key).iterator();
  }
}
