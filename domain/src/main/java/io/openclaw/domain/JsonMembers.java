package io.openclaw.domain;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The members of a JSON object that somebody sent, taken one by one: what is wrong with one is
 * noted, by its JSON Pointer (RFC 6901), and something harmless taken for it. For one thread.
 */
public final class JsonMembers {
  private static final Json.Obj NONE = new Json.Obj(java.util.Map.of());

  private final Json.Obj object;
  private final String pointer;
  private final List<Violation> violations;

  private JsonMembers(Json.Obj object, String pointer, List<Violation> violations) {
    this.object = object;
    this.pointer = pointer;
    this.violations = violations;
  }

  /**
   * The members of a document. Where it is no object that is noted, and nothing more of it.
   *
   * @param pointer where it stands; empty for a whole document
   * @param violations where to note what is wrong
   */
  public static JsonMembers of(Json document, String pointer, List<Violation> violations) {
    if (document instanceof Json.Obj object) {
      return new JsonMembers(object, pointer, violations);
    }
    violations.add(new Violation(pointer, document.typeName() + " (expected: an object)"));
    return new JsonMembers(NONE, pointer, new ArrayList<>());
  }

  /** Notes members that are none of these. */
  public JsonMembers only(Set<String> names) {
    for (String name : object.members().keySet()) {
      if (!names.contains(name)) {
        violations.add(
            new Violation(
                pointer + Violation.pointerTo(name),
                "unknown (expected: one of " + names.stream().sorted().toList() + ")"));
      }
    }
    return this;
  }

  /** A member as it is; null where it is absent. */
  public @Nullable Json get(String name) {
    return object.get(name);
  }

  /** A text, which may be empty; empty where it is none. */
  public String text(String name) {
    if (object.get(name) instanceof Json.Str text) {
      return text.value();
    }
    wrong(name, "(expected: a string)");
    return "";
  }

  /** A text of 1 to {@code lengthMax} characters that are not all blank; empty where it is none. */
  public String text(String name, int lengthMax) {
    if (object.get(name) instanceof Json.Str text
        && !text.value().isBlank()
        && text.value().length() <= lengthMax) {
      return text.value();
    }
    wrong(name, "(expected: a string of 1 to " + lengthMax + " characters)");
    return "";
  }

  /** A flag that may be absent; then it is false. */
  public boolean flag(String name) {
    return object.get(name) != null && requiredFlag(name);
  }

  /** A flag; false where it is none. */
  public boolean requiredFlag(String name) {
    Json value = object.get(name);
    if (!(value instanceof Json.Bool)) {
      wrong(name, "(expected: true or false)");
    }
    return value == Json.Bool.TRUE;
  }

  /** A whole number that may be absent; then, and where it is none, it is {@code absent}. */
  public long whole(String name, long least, long most, long absent) {
    return object.get(name) == null ? absent : requiredWhole(name, least, most, absent);
  }

  /** A whole number; {@code otherwise} where it is none. */
  public long requiredWhole(String name, long least, long most, long otherwise) {
    if (object.get(name) instanceof Json.Num(double value)
        && value >= least
        && value <= most
        && value == Math.rint(value)) {
      return (long) value;
    }
    wrong(name, "(expected: a whole number, " + least + " to " + most + ")");
    return otherwise;
  }

  /** Notes what is wrong with a member. */
  public void wrong(String name, String detail) {
    violations.add(new Violation(pointer + Violation.pointerTo(name), detail));
  }
}
