package io.openclaw.edge;

import java.util.Map;

/** Which region has which part of a limit's rate, as far as this one knows. Thread-safe. */
public interface Holdings {
  /**
   * The parts by region; they sum to about one.
   *
   * @param limit the limit's id
   */
  Map<String, Double> of(String limit);
}
