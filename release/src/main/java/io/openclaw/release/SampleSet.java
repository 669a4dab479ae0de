package io.openclaw.release;

import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import java.util.ArrayList;
import java.util.List;

/**
 * Inputs that a tenant has recorded, on which its models are tried before they may serve: the bytes
 * of a JSON list of objects. Immutable.
 */
@SuppressWarnings("ArrayRecordComponent") // read once, never changed
public record SampleSet(byte[] bytes) {
  /** Inputs of one set. */
  public static final int INPUTS_MAX = 1_000;

  /** Bytes of one set. */
  public static final int BYTES_MAX = 1 << 20;

  /**
   * @throws IllegalArgumentException where the bytes are no list of 1 to {@link #INPUTS_MAX}
   *     objects
   */
  public SampleSet {
    var _ = read(bytes);
  }

  /** The inputs, read anew: a set is held by every release, and its inputs only by a trial. */
  public List<Json.Obj> inputs() {
    return read(bytes);
  }

  private static List<Json.Obj> read(byte[] bytes) {
    Json json;
    try {
      json = JsonReader.read(bytes);
    } catch (JsonSyntaxException e) {
      throw new IllegalArgumentException(
          "not JSON: " + e.detail() + " (line " + e.line() + ", column " + e.column() + ")", e);
    }
    if (!(json instanceof Json.Arr list)) {
      throw new IllegalArgumentException(json.typeName() + " (expected: a list of inputs)");
    }
    int size = list.elements().size();
    if (size < 1 || size > INPUTS_MAX) {
      throw new IllegalArgumentException(size + " inputs (expected: 1 to " + INPUTS_MAX + ")");
    }
    List<Json.Obj> inputs = new ArrayList<>(size);
    for (Json each : list.elements()) {
      if (!(each instanceof Json.Obj input)) {
        throw new IllegalArgumentException(
            "/" + inputs.size() + ": " + each.typeName() + " (expected: an object)");
      }
      inputs.add(input);
    }
    return inputs;
  }
}
