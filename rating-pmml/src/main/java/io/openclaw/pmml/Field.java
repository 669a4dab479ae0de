package io.openclaw.pmml;

import java.util.BitSet;
import java.util.List;

/**
 * A named value of a model and the place in the frame that holds it.
 *
 * @param values the categories in the order of the dictionary, as numbers; empty where not known
 * @param needs places of inputs without any of which this has no value
 * @param factor the place of what a person would call the factor: the input itself, where this
 *     depends on one alone
 */
record Field(String name, int slot, DataType type, List<Double> values, BitSet needs, int factor) {
  static final BitSet NOTHING = new BitSet();

  /** A computed field of its own. */
  Field(String name, int slot, DataType type) {
    this(name, slot, type, List.of(), NOTHING, slot);
  }

  static BitSet union(BitSet a, BitSet b) {
    if (b.isEmpty()) {
      return a;
    }
    BitSet both = (BitSet) a.clone();
    both.or(b);
    return both;
  }
}
