package io.openclaw.domain;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A JSON value (RFC 8259), immutable by convention: whoever builds a map or list hands it over. */
public sealed interface Json {
  /** An object; names are unique, in the order they were written. */
  record Obj(Map<String, Json> members) implements Json {
    /** The member's value, or null where it is absent; a JSON null is {@link Null}. */
    public @Nullable Json get(String name) {
      return members.get(name);
    }
  }

  /** An array. */
  record Arr(List<Json> elements) implements Json {}

  /** A string of well-formed Unicode. */
  record Str(String value) implements Json {}

  /** A finite number; integers beyond 2^53 lose their last digits. */
  record Num(double value) implements Json {
    /** Whether it has no fraction, and few enough digits to be written without an exponent. */
    boolean isWhole() {
      return value == Math.rint(value) && Math.abs(value) < 1e15;
    }

    /** The number as JSON writes it: without a fraction where it is whole. */
    public String text() {
      return isWhole() ? Long.toString((long) value) : Double.toString(value);
    }
  }

  /** {@code true} or {@code false}. */
  enum Bool implements Json {
    TRUE,
    FALSE;

    public static Bool of(boolean value) {
      return value ? TRUE : FALSE;
    }
  }

  /** {@code null}. */
  enum Null implements Json {
    NULL
  }

  /** What kind of value this is, in the words of an error message. */
  default String typeName() {
    return switch (this) {
      case Obj o -> "an object";
      case Arr a -> "an array";
      case Str s -> "a string";
      case Num n -> "a number";
      case Bool b -> "a boolean";
      case Null n -> "null";
    };
  }
}
