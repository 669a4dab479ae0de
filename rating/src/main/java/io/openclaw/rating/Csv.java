package io.openclaw.rating;

import java.util.ArrayList;
import java.util.List;

/**
 * A table as comma-separated values (RFC 4180), or separated by tabs or semicolons where the first
 * line has no comma.
 *
 * @param header the names of the columns
 * @param rows each as long as the header
 */
public record Csv(List<String> header, List<List<String>> rows) {
  /** Columns of one table. */
  public static final int COLUMNS_MAX = 10_000;

  /**
   * Reads a table.
   *
   * @throws IllegalArgumentException with the line that has no end of a quote, or not as many cells
   *     as the first
   */
  public static Csv read(String text) {
    String clean = text.startsWith("\uFEFF") ? text.substring(1) : text;
    int end = clean.indexOf('\n');
    String first = end < 0 ? clean : clean.substring(0, end);
    char separator =
        first.indexOf(',') >= 0
            ? ','
            : first.indexOf('\t') >= 0 ? '\t' : first.indexOf(';') >= 0 ? ';' : ',';
    List<List<String>> lines = new ArrayList<>();
    int at = 0;
    while (at < clean.length()) {
      List<String> cells = new ArrayList<>();
      at = line(clean, at, separator, cells, lines.size() + 1);
      boolean blank =
          cells.size() == 1
              && cells.getFirst().isEmpty()
              && !lines.isEmpty()
              && lines.getFirst().size() > 1;
      if (!blank) {
        lines.add(cells);
      }
    }
    if (lines.isEmpty()) {
      throw new IllegalArgumentException("no line (expected: the names of the columns)");
    }
    List<String> header = lines.getFirst();
    if (header.size() > COLUMNS_MAX) {
      throw new IllegalArgumentException(
          header.size() + " columns (expected: at most " + COLUMNS_MAX + ")");
    }
    for (int i = 1; i < lines.size(); i++) {
      if (lines.get(i).size() != header.size()) {
        throw new IllegalArgumentException(
            "line "
                + (i + 1)
                + ": "
                + lines.get(i).size()
                + " cells (expected: "
                + header.size()
                + ")");
      }
    }
    return new Csv(header, List.copyOf(lines.subList(1, lines.size())));
  }

  /** Reads one line from a place; the place of the next. */
  private static int line(String text, int from, char separator, List<String> cells, int number) {
    int at = from;
    StringBuilder cell = new StringBuilder();
    while (at < text.length()) {
      char c = text.charAt(at);
      if (c == '"' && cell.isEmpty()) {
        at++;
        while (at < text.length() && (text.charAt(at) != '"' || isDoubled(text, at))) {
          cell.append(text.charAt(at));
          at += text.charAt(at) == '"' ? 2 : 1;
        }
        if (at == text.length()) {
          throw new IllegalArgumentException("line " + number + ": a quote without its end");
        }
        at++;
      } else if (c == separator) {
        cells.add(cell.toString());
        cell.setLength(0);
        at++;
      } else if (c == '\n') {
        at++;
        break;
      } else {
        if (c != '\r' || (at + 1 < text.length() && text.charAt(at + 1) != '\n')) {
          cell.append(c);
        }
        at++;
      }
    }
    cells.add(cell.toString());
    return at;
  }

  private static boolean isDoubled(String text, int at) {
    return at + 1 < text.length() && text.charAt(at + 1) == '"';
  }
}
