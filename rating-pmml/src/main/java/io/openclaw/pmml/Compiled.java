package io.openclaw.pmml;

import java.util.BitSet;
import java.util.List;
import java.util.Map;

/**
 * One compiled model element: its fields, itself, what is done to its answer.
 *
 * @param program everything in order
 * @param outputs its own output fields and those of its segments that are results
 * @param visible its own output fields by name, for what comes after it
 * @param factor what its targets multiply its body's number by
 */
record Compiled(
    Body body,
    Outcome outcome,
    Target target,
    Step program,
    List<Answer> outputs,
    Map<String, Field> visible,
    BitSet needs,
    double factor) {
  /** Who tells contributions to its number. */
  Producer producer() {
    return new Producer(body, -1, factor);
  }

  /** A named result and where it is. */
  record Answer(String name, int slot, DataType type) {}
}
