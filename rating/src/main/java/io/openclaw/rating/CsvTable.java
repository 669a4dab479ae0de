package io.openclaw.rating;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table of texts as RFC 4180 writes it: a header and rows of as many cells. The delimiter is the
 * comma, semicolon or tab that the header has most of. Immutable.
 *
 * @param columns the header's cells
 * @param rows each with as many cells as there are columns
 */
public record CsvTable(List<String> columns, List<List<String>> rows) {
  /** Cells of one table. */
  public static final int CELLS_MAX = 20_000_000;

  /**
   * Reads a table.
   *
   * @throws IllegalArgumentException naming the line that is wrong
   */
  public static CsvTable read(String text) {
    Reader reader = new Reader(text.startsWith("\uFEFF") ? text.substring(1) : text);
    List<String> columns = reader.line();
    if (columns == null) {
      throw new IllegalArgumentException("line 1: empty (expected: a header)");
    }
    List<List<String>> rows = new ArrayList<>();
    for (List<String> row = reader.line(); row != null; row = reader.line()) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "line %d: %d cells (expected: %d, as in the header)"
                .formatted(reader.lineNumber, row.size(), columns.size()));
      }
      rows.add(row);
      if (1L * rows.size() * columns.size() > CELLS_MAX) {
        throw new IllegalArgumentException("more than " + CELLS_MAX + " cells");
      }
    }
    return new CsvTable(columns, rows);
  }

  /** Goes through the text once. */
  private static final class Reader {
    private final String text;
    private final char delimiter;
    private int at;
    private int lineNumber;
    private int nextLineNumber = 1;

    Reader(String text) {
      this.text = text;
      delimiter = delimiter(text);
    }

    private static char delimiter(String text) {
      int end = text.indexOf('\n');
      String header = end < 0 ? text : text.substring(0, end);
      char best = ',';
      for (char each : new char[] {';', '\t'}) {
        if (count(header, each) > count(header, best)) {
          best = each;
        }
      }
      return best;
    }

    private static long count(String header, char character) {
      return header.chars().filter(each -> each == character).count();
    }

    /** The next line's cells; null at the end. Empty lines are passed over. */
    @Nullable List<String> line() {
      while (at < text.length() && (text.charAt(at) == '\n' || text.charAt(at) == '\r')) {
        nextLineNumber += text.charAt(at++) == '\n' ? 1 : 0;
      }
      lineNumber = nextLineNumber;
      if (at >= text.length()) {
        return null;
      }
      List<String> cells = new ArrayList<>();
      cells.add(cell());
      while (at < text.length() && text.charAt(at) == delimiter) {
        at++;
        cells.add(cell());
      }
      if (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
        throw new IllegalArgumentException(
            "line " + lineNumber + ": text after a closing quote (expected: a delimiter)");
      }
      return cells;
    }

    private String cell() {
      if (at < text.length() && text.charAt(at) == '"') {
        return quoted();
      }
      int start = at;
      while (at < text.length()
          && text.charAt(at) != delimiter
          && text.charAt(at) != '\n'
          && text.charAt(at) != '\r') {
        at++;
      }
      return text.substring(start, at);
    }

    private String quoted() {
      StringBuilder cell = new StringBuilder();
      for (at++; at < text.length(); at++) {
        char character = text.charAt(at);
        if (character == '"') {
          if (at + 1 == text.length() || text.charAt(at + 1) != '"') {
            at++;
            return cell.toString();
          }
          at++;
        }
        nextLineNumber += character == '\n' ? 1 : 0;
        cell.append(character);
      }
      throw new IllegalArgumentException(
          "line " + lineNumber + ": a quote that nothing closes (expected: \")");
    }
  }
}
