package org.dfp4j.examples.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.dfp4j.examples.TextTable;

/**
 * A table with a line for each value; columns that are empty in all lines are left out.
 *
 * @param <T> what a line shows
 */
final class Columns<T> {

  private static final String EMPTY = "-";

  private final List<Column<T>> columns = new ArrayList<>();

  /** A column. */
  private record Column<T>(String name, Function<T, String> cell) {}

  /** Adds a column of words. */
  Columns<T> text(String name, Function<T, String> cell) {
    columns.add(new Column<>(name, cell));
    return this;
  }

  /** Adds a column of numbers; null is an empty cell. */
  Columns<T> number(String name, String format, Function<T, Double> cell) {
    return text(name, value -> cell(format, cell.apply(value)));
  }

  /** A number as text; null is an empty cell. */
  static String cell(String format, Double value) {
    return value == null ? EMPTY : String.format(Locale.ROOT, format, value);
  }

  String table(List<T> lines) {
    List<Column<T>> shown =
        columns.stream()
            .filter(
                column -> lines.stream().anyMatch(line -> !column.cell().apply(line).equals(EMPTY)))
            .toList();
    TextTable table = new TextTable(shown.stream().map(Column::name).toArray(String[]::new));
    for (T line : lines) {
      table.row(shown.stream().map(column -> column.cell().apply(line)).toArray(String[]::new));
    }
    return table.toString();
  }
}
