package io.openclaw.app;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with a job's results as a whole: every row once, in order, whole lines. */
final class RowChecker {
  private RowChecker() {}

  /**
   * The faults; none where every row from 0 is there exactly once.
   *
   * @param rows how many there must be
   */
  static List<String> faults(String results, long rows) {
    List<String> faults = new ArrayList<>();
    if (!results.isEmpty() && !results.endsWith("\n")) {
      faults.add("the last line is not whole");
    }
    long next = 0;
    for (String line : results.lines().toList()) {
      long index = new JsonObject(line).getLong("index");
      if (index < next) {
        faults.add("row " + index + " again");
      } else if (index > next) {
        faults.add("rows " + next + " to " + (index - 1) + " missing");
      }
      next = Math.max(next, index + 1);
    }
    if (next != rows) {
      faults.add(next + " rows (expected: " + rows + ")");
    }
    return faults;
  }
}
