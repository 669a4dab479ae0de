package io.openclaw.rating;

import io.openclaw.domain.Decimal;
import io.openclaw.domain.Json;
import io.openclaw.domain.JsonReader;
import io.openclaw.domain.JsonSyntaxException;
import io.openclaw.domain.Violation;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/**
 * One object of a model's JSON and where it stands, read strictly: a member nobody asks for is an
 * error, because a setting without effect is a misunderstanding.
 */
public record ModelObject(Json.Obj object, String pointer) {
  /** The magnitude of any number that takes part in sums. */
  static final long NUMBER_MAX = 999_999_999;

  /** Values in one model's document, all levels together. */
  static final int VALUES_MAX = 4_000_000;

  /** Decimal digits that survive the way through a double. */
  static final int DIGITS_MAX = 15;

  /** The document itself; its {@code kind} must be the one given. */
  public static ModelObject document(byte[] json, String kind) throws ModelException {
    Json document;
    try {
      document = JsonReader.read(json, VALUES_MAX);
    } catch (JsonSyntaxException e) {
      throw new ModelException(
          "", "line " + e.line() + ", column " + e.column() + ": " + e.detail(), "a JSON object");
    }
    if (!(document instanceof Json.Obj object)) {
      throw new ModelException("", Violation.shown(document), "an object");
    }
    ModelObject root = new ModelObject(object, "");
    if (!(root.required("kind") instanceof Json.Str found && found.value().equals(kind))) {
      throw root.wrong("kind", "\"" + kind + "\"");
    }
    return root;
  }

  /** Checks the members {@code name} and {@code description}, which are for persons. */
  void title() throws ModelException {
    if (has("name")) {
      var _ = text("name", ScorecardReader.NAME_LENGTH_MAX);
    }
    if (has("description")) {
      var _ = text("description", ScorecardReader.TEXT_LENGTH_MAX);
    }
  }

  /** Refuses members that are not among {@code names}. */
  public void allowOnly(List<String> names) throws ModelException {
    for (String name : object.members().keySet()) {
      if (!names.contains(name)) {
        throw new ModelException(
            at(name), "an unknown member", "one of " + String.join(", ", names));
      }
    }
  }

  /** Whether the member is there, be it null. */
  public boolean has(String name) {
    return object.get(name) != null;
  }

  /** The member's value, which must be there. */
  public Json required(String name) throws ModelException {
    Json value = object.get(name);
    if (value == null) {
      throw new ModelException(at(name), "absent", "this member");
    }
    return value;
  }

  /** The member, which must be an object. */
  public ModelObject object(String name) throws ModelException {
    return of(required(name), at(name));
  }

  /** A value that must be an object. */
  public static ModelObject of(Json value, String pointer) throws ModelException {
    if (value instanceof Json.Obj found) {
      return new ModelObject(found, pointer);
    }
    throw new ModelException(pointer, Violation.shown(value), "an object");
  }

  /** The member, which must be an array of 1 to {@code sizeMax} elements. */
  public List<Json> list(String name, int sizeMax) throws ModelException {
    if (!(required(name) instanceof Json.Arr found)) {
      throw wrong(name, "an array");
    }
    int size = found.elements().size();
    if (size < 1 || size > sizeMax) {
      throw new ModelException(at(name), size + " elements", "1 to " + sizeMax);
    }
    return found.elements();
  }

  /** The member, which must be a string of 1 to {@code lengthMax} UTF-16 units. */
  public String text(String name, int lengthMax) throws ModelException {
    if (!(required(name) instanceof Json.Str found)) {
      throw wrong(name, "a string");
    }
    int length = found.value().length();
    if (length < 1 || length > lengthMax) {
      throw new ModelException(at(name), length + " characters", "1 to " + lengthMax);
    }
    return found.value();
  }

  /** The member, which must be a number. */
  public double number(String name) throws ModelException {
    if (required(name) instanceof Json.Num found) {
      return found.value();
    }
    throw wrong(name, "a number");
  }

  /** The member, which must be a whole number from {@code min} to {@code max}. */
  public int integer(String name, int min, int max) throws ModelException {
    double value = number(name);
    if (value != Math.rint(value) || value < min || value > max) {
      throw wrong(name, "a whole number from " + min + " to " + max);
    }
    return (int) value;
  }

  /** An exact decimal: one that is the same before and after the reader's double. */
  public Decimal decimal(String name) throws ModelException {
    number(name);
    Json.Num value = (Json.Num) required(name);
    BigDecimal exact = new BigDecimal(value.text()).stripTrailingZeros();
    if (exact.abs().compareTo(BigDecimal.valueOf(NUMBER_MAX)) > 0) {
      throw wrong(name, "-" + NUMBER_MAX + " to " + NUMBER_MAX);
    }
    if (exact.scale() > Decimal.SCALE_MAX || exact.precision() > DIGITS_MAX) {
      throw wrong(
          name,
          "at most " + Decimal.SCALE_MAX + " digits after the point and " + DIGITS_MAX + " in all");
    }
    return Decimal.of(value.text());
  }

  /** The error that the member's value, or its absence, is not what was expected. */
  public ModelException wrong(String name, String expected) {
    Json value = object.get(name);
    return new ModelException(
        at(name), value == null ? "absent" : Violation.shown(value), expected);
  }

  /** The pointer to a member. */
  public String at(String name) {
    return pointer + Violation.pointerTo(name);
  }

  /** All members, in their order. */
  public Map<String, Json> members() {
    return object.members();
  }
}
