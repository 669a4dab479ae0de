package io.openclaw.rating;

import io.openclaw.domain.Json;
import io.openclaw.domain.Violation;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a model takes: named fields with types, ranges and allowed values. Members that no field
 * names are ignored. Immutable and thread-safe.
 */
public final class InputSchema {
  /** Fields of one model. */
  public static final int FIELDS_MAX = 10_000;

  /** Violations listed of one input. */
  public static final int VIOLATIONS_MAX = 100;

  /** Values a message lists. */
  private static final int SHOWN_MAX = 20;

  /** A model whose fields are not known: any object is taken. */
  public static final InputSchema ANY = new InputSchema(List.of());

  /** The type of a field's values. */
  public enum Type {
    NUMBER("number", "a number"),
    INTEGER("integer", "a whole number"),
    STRING("string", "a string"),
    BOOLEAN("boolean", "true or false"),
    /** Any scalar. */
    SCALAR("", "a string, a number or a boolean"),
    /** An array or an object, too. */
    ANY("", "a value");

    private final String text;
    private final String shown;

    Type(String text, String shown) {
      this.text = text;
      this.shown = shown;
    }

    boolean holds(Json value) {
      return switch (this) {
        case NUMBER -> value instanceof Json.Num;
        case INTEGER -> value instanceof Json.Num n && n.value() == Math.rint(n.value());
        case STRING -> value instanceof Json.Str;
        case BOOLEAN -> value instanceof Json.Bool;
        case SCALAR ->
            value instanceof Json.Num || value instanceof Json.Str || value instanceof Json.Bool;
        case ANY -> true;
      };
    }
  }

  /**
   * One member of an input.
   *
   * @param required whether it must be there and not null
   * @param allowed the only values it may have; empty for any of its type
   * @param min the least number; null for none
   * @param max the greatest number; null for none
   * @param description for a person; may be empty
   */
  public record Field(
      String name,
      Type type,
      boolean required,
      List<Json> allowed,
      @Nullable Double min,
      @Nullable Double max,
      String description) {
    public Field {
      allowed = List.copyOf(allowed);
    }

    /** A field of which only the type is known. */
    public Field(String name, Type type, boolean required) {
      this(name, type, required, List.of(), null, null, "");
    }

    /** What it takes, in the words of an error message. */
    public String expected() {
      if (!allowed.isEmpty()) {
        List<String> values = allowed.stream().limit(SHOWN_MAX).map(Violation::shown).toList();
        return (allowed.size() == 1 ? "" : "one of ")
            + String.join(", ", values)
            + (allowed.size() > SHOWN_MAX ? ", …" : "");
      }
      String least = min == null ? "" : " >= " + new Json.Num(min).text();
      String most = max == null ? "" : " <= " + new Json.Num(max).text();
      return type.shown + least + (min != null && max != null ? " and" : "") + most;
    }

    /** Whether it may have this value, which is not null. */
    boolean takes(Json value) {
      return holds(value) && (allowed.isEmpty() || allowed.contains(value));
    }

    private boolean holds(Json value) {
      return type.holds(value)
          && (!(value instanceof Json.Num n)
              || ((min == null || n.value() >= min) && (max == null || n.value() <= max)));
    }
  }

  private final List<Field> fields;
  private final Map<String, Field> byName = new LinkedHashMap<>();
  private final Map<String, Set<Json>> allowed = new LinkedHashMap<>();

  /**
   * A schema of these fields, in this order.
   *
   * @throws IllegalArgumentException where a name is there twice, or there are more than {@link
   *     #FIELDS_MAX}
   */
  public InputSchema(List<Field> fields) {
    if (fields.size() > FIELDS_MAX) {
      throw new IllegalArgumentException(
          "fields: " + fields.size() + " (expected: at most " + FIELDS_MAX + ")");
    }
    this.fields = List.copyOf(fields);
    for (Field field : fields) {
      if (byName.put(field.name(), field) != null) {
        throw new IllegalArgumentException("field: " + field.name() + " (expected: each once)");
      }
      if (!field.allowed().isEmpty()) {
        allowed.put(field.name(), new HashSet<>(field.allowed()));
      }
    }
  }

  /** The fields, in their order. */
  public List<Field> fields() {
    return fields;
  }

  /** Whether the input has one of the fields; any object where none is known. */
  public boolean recognises(Json.Obj input) {
    if (fields.isEmpty()) {
      return true;
    }
    for (Field field : fields) {
      if (input.get(field.name()) != null) {
        return true;
      }
    }
    return false;
  }

  /** Everything that is wrong with an input; empty where nothing is. */
  public List<Violation> violations(Json.Obj input) {
    List<Violation> violations = null;
    for (Field field : fields) {
      Json value = input.get(field.name());
      if (!isRight(field, value)) {
        violations = violations == null ? new ArrayList<>() : violations;
        if (violations.size() == VIOLATIONS_MAX) {
          break;
        }
        violations.add(
            new Violation(
                Violation.pointerTo(field.name()),
                (value == null ? "absent" : Violation.shown(value))
                    + " (expected: "
                    + field.expected()
                    + (field.required() ? "" : ", or absent")
                    + ")"));
      }
    }
    return violations == null ? List.of() : violations;
  }

  private boolean isRight(Field field, @Nullable Json value) {
    if (value == null || value == Json.Null.NULL) {
      return !field.required();
    }
    Set<Json> values = allowed.get(field.name());
    return field.holds(value) && (values == null || values.contains(value));
  }

  /** The schema as a JSON Schema (2020-12) object. */
  public Json.Obj toJsonSchema() {
    Map<String, Json> properties = new LinkedHashMap<>();
    List<Json> required = new ArrayList<>();
    for (Field field : fields) {
      Map<String, Json> property = new LinkedHashMap<>();
      if (!field.type().text.isEmpty()) {
        property.put("type", new Json.Str(field.type().text));
      }
      if (!field.allowed().isEmpty()) {
        property.put("enum", new Json.Arr(field.allowed()));
      }
      putNumber(property, "minimum", field.min());
      putNumber(property, "maximum", field.max());
      if (!field.description().isEmpty()) {
        property.put("description", new Json.Str(field.description()));
      }
      properties.put(field.name(), new Json.Obj(property));
      if (field.required()) {
        required.add(new Json.Str(field.name()));
      }
    }
    Map<String, Json> schema = new LinkedHashMap<>();
    schema.put("type", new Json.Str("object"));
    schema.put("properties", new Json.Obj(properties));
    schema.put("required", new Json.Arr(required));
    return new Json.Obj(schema);
  }

  private static void putNumber(Map<String, Json> property, String name, @Nullable Double value) {
    if (value != null) {
      property.put(name, new Json.Num(value));
    }
  }

  /** An input that has every field, with a value that the schema takes. */
  public Json.Obj example() {
    Map<String, Json> example = new LinkedHashMap<>();
    for (Field field : fields) {
      example.put(field.name(), example(field));
    }
    return new Json.Obj(example);
  }

  private static Json example(Field field) {
    if (!field.allowed().isEmpty()) {
      return field.allowed().getFirst();
    }
    return switch (field.type()) {
      case NUMBER, INTEGER, SCALAR, ANY -> {
        Double least = field.min();
        Double most = field.max();
        double value = least != null ? least : most != null ? Math.min(most, 1) : 1;
        yield new Json.Num(field.type() == Type.INTEGER ? Math.ceil(value) : value);
      }
      case STRING -> new Json.Str("text");
      case BOOLEAN -> Json.Bool.TRUE;
    };
  }
}
