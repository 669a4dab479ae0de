package io.openclaw.domain;

import java.util.function.Consumer;

/**
 * A replicated set of facts: what the mesh reads from and merges into.
 *
 * <p>Thread-safe: requests change it while the mesh reads it.
 */
public interface FactTable {
  /** The name that facts of this table carry. */
  String name();

  /**
   * Hands over the facts this node has changed since the last call, each once, with its newest
   * value.
   */
  void drainChanges(Consumer<Fact> sink);

  /** Hands over every fact known, whoever wrote it. */
  void all(Consumer<Fact> sink);

  /**
   * Takes in a fact from another node; the result does not depend on order or repetition.
   *
   * @throws IllegalArgumentException where the fact cannot be one of this table's
   */
  void merge(Fact fact);

  /** The facts that came together are merged: what they change may take effect at once now. */
  default void merged() {
    // most tables have nothing that is dearer for each fact than for all of them
  }
}
