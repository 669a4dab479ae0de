package io.openclaw.release;

import io.openclaw.domain.Jcs;
import io.openclaw.domain.Json;
import java.util.Arrays;

/**
 * {@link Jcs} of objects, arrays, strings, booleans and integers of at most 2^53 - 1: nothing else
 * is accepted, so that what is signed has no fraction to round and no null to tell from absence.
 * Stateless and thread-safe.
 */
public final class CanonicalJson {
  /** The largest magnitude of an integer. */
  public static final long INTEGER_MAX = (1L << 53) - 1;

  private CanonicalJson() {}

  /**
   * The value's bytes.
   *
   * @throws IllegalArgumentException for null, fractions, larger numbers and lone surrogates
   */
  public static byte[] write(Json value) {
    require(value);
    return Jcs.write(value);
  }

  /** Whether the bytes are the canonical form of the value that was read from them. */
  public static boolean isFormOf(Json value, byte[] bytes) {
    try {
      return Arrays.equals(write(value), bytes);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static void require(Json value) {
    switch (value) {
      case Json.Obj object -> object.members().values().forEach(CanonicalJson::require);
      case Json.Arr array -> array.elements().forEach(CanonicalJson::require);
      case Json.Num number -> integer(number.value());
      case Json.Null none -> throw new IllegalArgumentException("null (expected: no such member)");
      case Json.Str string -> {}
      case Json.Bool bool -> {}
    }
  }

  private static void integer(double value) {
    if (value != Math.rint(value) || Math.abs(value) > INTEGER_MAX) {
      throw new IllegalArgumentException(
          value + " (expected: an integer of at most " + INTEGER_MAX + ")");
    }
  }
}
