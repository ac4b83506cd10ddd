package org.dfp4j.examples;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A table of text with aligned columns: the first to the left, the others as they are told. */
public final class TextTable {

  private static final String GAP = "  ";

  private final List<String[]> rows = new ArrayList<>();
  private final int columns;
  private final boolean numbers;

  /** A table whose columns after the first are numbers, aligned to the right. */
  public TextTable(String... header) {
    this(true, header);
  }

  private TextTable(boolean numbers, String... header) {
    this.columns = header.length;
    this.numbers = numbers;
    rows.add(header.clone());
  }

  /** A table of words, all aligned to the left. */
  public static TextTable ofWords(String... header) {
    return new TextTable(false, header);
  }

  /** Adds a row of as many cells as the header has. */
  public void row(String... cells) {
    if (cells.length != columns) {
      throw new IllegalArgumentException("cells: expected " + columns + ", got " + cells.length);
    }
    rows.add(cells.clone());
  }

  @Override
  public String toString() {
    return rows.stream().map(this::line).collect(Collectors.joining(System.lineSeparator()));
  }

  private String line(String[] cells) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < columns; i++) {
      int column = i;
      int width = rows.stream().mapToInt(row -> row[column].length()).max().orElse(0);
      String space = " ".repeat(width - cells[i].length());
      line.append(i == 0 ? "" : GAP);
      line.append(numbers && i > 0 ? space + cells[i] : cells[i] + space);
    }
    return line.toString().stripTrailing();
  }
}
