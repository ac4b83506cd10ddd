package org.dfp4j.examples.cli;

import java.util.Arrays;
import java.util.Iterator;
import java.util.Locale;
import org.dfp4j.examples.models.UpdaterName;

/** The names of all updaters, for help and completion. */
final class UpdaterNames implements Iterable<String> {

  @Override
  public Iterator<String> iterator() {
    return Arrays.stream(UpdaterName.values())
        .map(updater -> updater.name().toLowerCase(Locale.ROOT))
        .iterator();
  }
}
