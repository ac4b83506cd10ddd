package org.dfp4j.ui;

import io.vertx.core.MultiMap;
import java.util.List;

/** What the page asks for: the part of an address after the question mark. */
final class Query {

  private final MultiMap parameters;

  Query(MultiMap parameters) {
    this.parameters = parameters;
  }

  /** The first value; the empty string where there is none. */
  String text(String name) {
    String value = parameters.get(name);
    return value == null ? "" : value;
  }

  List<String> all(String name) {
    return parameters.getAll(name);
  }

  /** A number; the other one where there is none. */
  int number(String name, int other) {
    String text = text(name);
    try {
      return text.isEmpty() ? other : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(name + ": expected a number, got " + text, e);
    }
  }
}
